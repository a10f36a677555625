/* A libcuda without the function that is asked for. */
int trellis_fake_driver = 1;
