/*
 * What calls into libxtables need and managed code cannot do. An extension that does not like a rule's text calls exit_err, which must not
 * return; from there longjmp leads back to the guard, over native frames only. One call at a time: the caller holds a lock.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

static jmp_buf back;
static int armed;
static char message[4096];

/* Calls a function of up to five integers and pointers. NULL, or what exit_err was told. */
EXPORT const char *isolation_guard_call(
	uintptr_t (*function)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t),
	uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e, uintptr_t *result)
{
	if (setjmp(back)) {
		armed = 0;
		return message;
	}
	armed = 1;
	*result = function(a, b, c, d, e);
	armed = 0;
	return NULL;
}

/* struct xtables_globals, exit_err. */
static void exit_error(int status, const char *format, ...)
{
	va_list arguments;

	(void)status;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (!armed) {
		fprintf(stderr, "%s\n", message);
		abort();
	}
	longjmp(back, 1);
}

EXPORT void *isolation_guard_exit_error_address(void)
{
	return (void *)exit_error;
}

/* What extensions print: stdout (0) is the rule's text, stderr (1) are warnings. */
static struct capture {
	FILE *memory, *real;
	char *text;
	size_t length;
} captures[2];

EXPORT int isolation_guard_capture(void)
{
	for (int i = 0; i < 2; i++)
		if (captures[i].memory == NULL
		    && (captures[i].memory = open_memstream(&captures[i].text, &captures[i].length)) == NULL)
			return 0;
	captures[0].real = stdout;
	captures[1].real = stderr;
	stdout = captures[0].memory;
	stderr = captures[1].memory;
	return 1;
}

EXPORT void isolation_guard_release(void)
{
	stdout = captures[0].real;
	stderr = captures[1].real;
}

/* What was printed since the last time; valid until something is printed again. */
EXPORT const char *isolation_guard_printed(int stream, size_t *length)
{
	fflush(captures[stream].memory);
	*length = captures[stream].length;
	rewind(captures[stream].memory);
	return captures[stream].text;
}

/* getopt's variables belong to the program, or to libc: only the linker knows. */
EXPORT void isolation_guard_start_options(void)
{
	optind = 0;
	opterr = 0;
}

EXPORT int isolation_guard_next_option(int argc, char **argv, const char *letters, const struct option *options)
{
	return getopt_long(argc, argv, letters, options, NULL);
}

EXPORT char *isolation_guard_option_argument(void)
{
	return optarg;
}

EXPORT int isolation_guard_option_index(int step)
{
	return optind += step;
}
