/* Prints every rule of table filter as the kernel returns it: the target by name, then the entry, eight bytes to a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef IPV6
#include <libiptc/libip6tc.h>
#define CALL(name) ip6tc_##name
#define ENTRY ip6t_entry
#else
#include <libiptc/libiptc.h>
#define CALL(name) iptc_##name
#define ENTRY ipt_entry
#endif

/* libiptc reads into malloc'd memory, and the kernel writes no byte of a name after its NUL. */
void *malloc(size_t size) { return calloc(1, size); }

int main(void)
{
	struct xtc_handle *handle = CALL(init)("filter");
	if (!handle) {
		perror("init");
		return 1;
	}
	for (const char *chain = CALL(first_chain)(handle); chain; chain = CALL(next_chain)(handle))
		for (const struct ENTRY *e = CALL(first_rule)(chain, handle); e; e = CALL(next_rule)(e, handle)) {
			printf("rule %s\n", CALL(get_target)(e, handle));
			for (int i = 0; i < e->next_offset; i++)
				printf("%02x%s", ((const unsigned char *)e)[i], i % 8 == 7 ? "\n" : " ");
		}
	CALL(free)(handle);
	return 0;
}
