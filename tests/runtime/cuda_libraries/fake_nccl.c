/* A libnccl that cannot tell its version. */
int ncclGetVersion(int* version) {
  *version = 0;
  return 2;
}
