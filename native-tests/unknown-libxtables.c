/*
 * A libxtables.so.12 whose structures are not those of any release that is known: struct xtables_globals has its exit_err at 24. It must be
 * told apart before anything else of it is used, so nothing else is here but the names.
 */
#include <stdlib.h>

static void exit_err(int status, const char *message, ...)
{
	(void)status;
	(void)message;
	abort();
}

int xtables_set_params(void **globals)
{
	globals[3] = (void *)exit_err;
	return 0;
}

#define NEVER(name) void xtables_##name(void) { abort(); }

NEVER(init_all)
NEVER(fini)
NEVER(free_opts)
NEVER(rule_matches_free)
NEVER(find_match)
NEVER(find_target)
NEVER(find_match_revision)
NEVER(find_target_revision)
NEVER(options_xfrm)
NEVER(merge_options)
NEVER(option_mpcall)
NEVER(option_tpcall)
NEVER(option_mfcall)
NEVER(option_tfcall)
NEVER(parse_protocol)
NEVER(ipparse_multiple)
NEVER(ip6parse_multiple)

void *xtables_matches, *xtables_targets, *xtables_pending_matches, *xtables_pending_targets, *xtables_chain_protos;
