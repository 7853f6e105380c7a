/* The tiny program of the sandbox and helper image: "pause -v" prints and ends, "pause" waits for a signal. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal) {
  (void)signal;
  _exit(0);
}

/* As the first process of a Pod it inherits whatever others leave behind. */
static void reap(int signal) {
  (void)signal;
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "-v") == 0) {
    puts("pause for tests");
    return 0;
  }
  signal(SIGTERM, end);
  signal(SIGINT, end);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
