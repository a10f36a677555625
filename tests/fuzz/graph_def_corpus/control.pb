
	
aNoOp

bNoOp^a"†