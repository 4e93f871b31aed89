// What one command costs: its time on the clock and its peak memory, to a microsecond and free of the size of the program that measures
// (the kernel lets a child begin with its parent's peak, so that a managed process cannot ask for its children's).
//   build/stopwatch FILE COMMAND [ARGUMENT...]
// Writes "SECONDS KIB" to FILE, KIB being the peak of the largest process, and ends with the command's exit status.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/wait.h>

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "stopwatch: %s: %s\n", what, strerror(errno));
	exit(125);
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct rusage used;
	int status;
	pid_t child;
	FILE *file;

	if (argc < 3) {
		fprintf(stderr, "usage: stopwatch FILE COMMAND [ARGUMENT...]\n");
		return 125;
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "stopwatch: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	if (wait4(child, &status, 0, &used) < 0)
		fail("wait4");
	clock_gettime(CLOCK_MONOTONIC, &end);

	file = fopen(argv[1], "w");
	if (!file || fprintf(file, "%.6f %ld\n", (end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) / 1e9, used.ru_maxrss) < 0
	    || fclose(file) != 0)
		fail(argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
