// Prints what the kernel's own headers say about every struct and constant that DcosIsolation.Netlink.Interop mirrors:
//   struct NAME SIZE
//   field STRUCT.FIELD OFFSET SIZE
//   const NAME VALUE
// LayoutTests.cs holds the managed types against it, in both directions: a managed struct, field or constant that has no line
// here fails a test, and so does a line here that no managed type answers to. To mirror something more, add a line.
// A member reached through a union is printed with underscores for the dots: u.user.name is u_user_name.
#include <stddef.h>
#include <stdio.h>
#include <getopt.h>
#include <netdb.h>
#include <sys/file.h>
#include <sys/socket.h>
#define XTABLES_INTERNAL
#include <xtables.h>
#include <linux/membarrier.h>
#include <linux/netlink.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/ipset/ip_set_hash.h>
#include <linux/netfilter/ipset/ip_set_list.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_LOG.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_set.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>

// Headers before Linux 6.2 do not have these yet; the numbers are part of the wire.
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define IPSET_ATTR_BITMASK (IPSET_ATTR_MEMSIZE + 1)
#define IPSET_ERR_BITMASK_NETMASK_EXCL (IPSET_ERR_SKBINFO + 1)
#endif

#define STRUCT(name) printf("struct %s %zu\n", #name, sizeof(struct name))
#define UNION(name) printf("struct %s %zu\n", #name, sizeof(union name))
#define FIELD(type, path) field(#type, #path, offsetof(struct type, path), sizeof(((struct type *)0)->path))
#define CONST(name) printf("const %s %lld\n", #name, (long long)(name))

static void field(const char *type, const char *path, size_t offset, size_t size)
{
	printf("field %s.", type);
	for (; *path; path++)
		putchar(*path == '.' ? '_' : *path);
	printf(" %zu %zu\n", offset, size);
}

static void resolver(void)
{
	STRUCT(hostent);
	FIELD(hostent, h_name);
	FIELD(hostent, h_aliases);
	FIELD(hostent, h_addrtype);
	FIELD(hostent, h_length);
	FIELD(hostent, h_addr_list);

	STRUCT(servent);
	FIELD(servent, s_name);
	FIELD(servent, s_aliases);
	FIELD(servent, s_port);
	FIELD(servent, s_proto);

	STRUCT(protoent);
	FIELD(protoent, p_name);
	FIELD(protoent, p_aliases);
	FIELD(protoent, p_proto);
}

static void netlink(void)
{
	STRUCT(sockaddr_nl);
	FIELD(sockaddr_nl, nl_family);
	FIELD(sockaddr_nl, nl_pad);
	FIELD(sockaddr_nl, nl_pid);
	FIELD(sockaddr_nl, nl_groups);

	STRUCT(nlmsghdr);
	FIELD(nlmsghdr, nlmsg_len);
	FIELD(nlmsghdr, nlmsg_type);
	FIELD(nlmsghdr, nlmsg_flags);
	FIELD(nlmsghdr, nlmsg_seq);
	FIELD(nlmsghdr, nlmsg_pid);

	STRUCT(nlmsgerr);
	FIELD(nlmsgerr, error);
	FIELD(nlmsgerr, msg);

	STRUCT(nlattr);
	FIELD(nlattr, nla_len);
	FIELD(nlattr, nla_type);

	CONST(NETLINK_NETFILTER);
	CONST(SOL_NETLINK);
	CONST(NETLINK_CAP_ACK);
	CONST(NETLINK_EXT_ACK);

	CONST(NLMSG_ALIGNTO);
	CONST(NLMSG_NOOP);
	CONST(NLMSG_ERROR);
	CONST(NLMSG_DONE);
	CONST(NLMSG_OVERRUN);

	CONST(NLM_F_REQUEST);
	CONST(NLM_F_MULTI);
	CONST(NLM_F_ACK);
	CONST(NLM_F_DUMP_INTR);
	CONST(NLM_F_DUMP);
	CONST(NLM_F_EXCL);
	CONST(NLM_F_CREATE);
	CONST(NLM_F_CAPPED);
	CONST(NLM_F_ACK_TLVS);

	CONST(NLMSGERR_ATTR_MSG);
	CONST(NLMSGERR_ATTR_OFFS);

	CONST(NLA_ALIGNTO);
	CONST(NLA_F_NESTED);
	CONST(NLA_F_NET_BYTEORDER);
	/* The header says ~(flags), an int; what a type is masked with is its lower sixteen bits. */
	printf("const NLA_TYPE_MASK %u\n", NLA_TYPE_MASK & 0xffffu);
}

static void nfnetlink(void)
{
	STRUCT(nfgenmsg);
	FIELD(nfgenmsg, nfgen_family);
	FIELD(nfgenmsg, version);
	FIELD(nfgenmsg, res_id);

	CONST(NFNETLINK_V0);
	CONST(NFNL_SUBSYS_IPSET);
}

static void ipset(void)
{
	CONST(IPSET_PROTOCOL);
	CONST(IPSET_PROTOCOL_MIN);
	CONST(IPSET_MAXNAMELEN);
	CONST(IPSET_MAX_COMMENT_SIZE);

	CONST(IPSET_CMD_PROTOCOL);
	CONST(IPSET_CMD_CREATE);
	CONST(IPSET_CMD_DESTROY);
	CONST(IPSET_CMD_FLUSH);
	CONST(IPSET_CMD_RENAME);
	CONST(IPSET_CMD_SWAP);
	CONST(IPSET_CMD_LIST);
	CONST(IPSET_CMD_ADD);
	CONST(IPSET_CMD_DEL);
	CONST(IPSET_CMD_TEST);
	CONST(IPSET_CMD_TYPE);
	CONST(IPSET_CMD_GET_BYNAME);

	CONST(IPSET_ATTR_PROTOCOL);
	CONST(IPSET_ATTR_SETNAME);
	CONST(IPSET_ATTR_TYPENAME);
	CONST(IPSET_ATTR_SETNAME2);
	CONST(IPSET_ATTR_REVISION);
	CONST(IPSET_ATTR_FAMILY);
	CONST(IPSET_ATTR_FLAGS);
	CONST(IPSET_ATTR_DATA);
	CONST(IPSET_ATTR_ADT);
	CONST(IPSET_ATTR_LINENO);
	CONST(IPSET_ATTR_PROTOCOL_MIN);
	CONST(IPSET_ATTR_REVISION_MIN);
	CONST(IPSET_ATTR_INDEX);

	CONST(IPSET_ATTR_IP);
	CONST(IPSET_ATTR_CIDR);
	CONST(IPSET_ATTR_PORT);
	CONST(IPSET_ATTR_TIMEOUT);
	CONST(IPSET_ATTR_PROTO);
	CONST(IPSET_ATTR_CADT_FLAGS);

	CONST(IPSET_ATTR_INITVAL);
	CONST(IPSET_ATTR_HASHSIZE);
	CONST(IPSET_ATTR_MAXELEM);
	CONST(IPSET_ATTR_NETMASK);
	CONST(IPSET_ATTR_BUCKETSIZE);
	CONST(IPSET_ATTR_SIZE);
	CONST(IPSET_ATTR_ELEMENTS);
	CONST(IPSET_ATTR_REFERENCES);
	CONST(IPSET_ATTR_MEMSIZE);
	CONST(IPSET_ATTR_BITMASK);

	CONST(IPSET_ATTR_NAME);
	CONST(IPSET_ATTR_NAMEREF);
	CONST(IPSET_ATTR_IP2);
	CONST(IPSET_ATTR_CIDR2);
	CONST(IPSET_ATTR_BYTES);
	CONST(IPSET_ATTR_PACKETS);
	CONST(IPSET_ATTR_COMMENT);
	CONST(IPSET_ATTR_SKBMARK);
	CONST(IPSET_ATTR_SKBPRIO);
	CONST(IPSET_ATTR_SKBQUEUE);
	CONST(IPSET_ATTR_PAD);

	CONST(IPSET_ATTR_IPADDR_IPV4);
	CONST(IPSET_ATTR_IPADDR_IPV6);

	CONST(IPSET_FLAG_LIST_SETNAME);
	CONST(IPSET_FLAG_LIST_HEADER);
	CONST(IPSET_FLAG_BEFORE);
	CONST(IPSET_FLAG_NOMATCH);
	CONST(IPSET_FLAG_WITH_COUNTERS);
	CONST(IPSET_FLAG_WITH_COMMENT);
	CONST(IPSET_FLAG_WITH_FORCEADD);
	CONST(IPSET_FLAG_WITH_SKBINFO);

	CONST(IPSET_ERR_PRIVATE);
	CONST(IPSET_ERR_PROTOCOL);
	CONST(IPSET_ERR_FIND_TYPE);
	CONST(IPSET_ERR_MAX_SETS);
	CONST(IPSET_ERR_BUSY);
	CONST(IPSET_ERR_EXIST_SETNAME2);
	CONST(IPSET_ERR_TYPE_MISMATCH);
	CONST(IPSET_ERR_EXIST);
	CONST(IPSET_ERR_INVALID_CIDR);
	CONST(IPSET_ERR_INVALID_NETMASK);
	CONST(IPSET_ERR_INVALID_FAMILY);
	CONST(IPSET_ERR_TIMEOUT);
	CONST(IPSET_ERR_REFERENCED);
	CONST(IPSET_ERR_IPADDR_IPV4);
	CONST(IPSET_ERR_IPADDR_IPV6);
	CONST(IPSET_ERR_COUNTER);
	CONST(IPSET_ERR_COMMENT);
	CONST(IPSET_ERR_INVALID_MARKMASK);
	CONST(IPSET_ERR_SKBINFO);
	CONST(IPSET_ERR_BITMASK_NETMASK_EXCL);
	CONST(IPSET_ERR_TYPE_SPECIFIC);

	CONST(IPSET_ERR_HASH_FULL);
	CONST(IPSET_ERR_HASH_ELEM);
	CONST(IPSET_ERR_INVALID_PROTO);
	CONST(IPSET_ERR_MISSING_PROTO);
	CONST(IPSET_ERR_HASH_RANGE_UNSUPPORTED);
	CONST(IPSET_ERR_HASH_RANGE);

	CONST(IPSET_ERR_NAME);
	CONST(IPSET_ERR_LOOP);
	CONST(IPSET_ERR_BEFORE);
	CONST(IPSET_ERR_NAMEREF);
	CONST(IPSET_ERR_LIST_FULL);
	CONST(IPSET_ERR_REF_EXIST);
}

static void x_tables(void)
{
	CONST(XT_FUNCTION_MAXNAMELEN);
	CONST(XT_EXTENSION_MAXNAMELEN);
	CONST(XT_TABLE_MAXNAMELEN);

	STRUCT(xt_counters);
	FIELD(xt_counters, pcnt);
	FIELD(xt_counters, bcnt);

	STRUCT(xt_entry_match);
	FIELD(xt_entry_match, u.user.match_size);
	FIELD(xt_entry_match, u.user.name);
	FIELD(xt_entry_match, u.user.revision);

	STRUCT(xt_entry_target);
	FIELD(xt_entry_target, u.user.target_size);
	FIELD(xt_entry_target, u.user.name);
	FIELD(xt_entry_target, u.user.revision);

	STRUCT(xt_standard_target);
	FIELD(xt_standard_target, target);
	FIELD(xt_standard_target, verdict);

	STRUCT(xt_get_revision);
	FIELD(xt_get_revision, name);
	FIELD(xt_get_revision, revision);
}

static void libxtables(void)
{
	CONST(XTF_DONT_LOAD);
	CONST(XTF_TRY_LOAD);
	CONST(XTF_LOAD_MUST_SUCCEED);
	CONST(XTABLES_EXT_ALIAS);
	CONST(XT_OPTION_OFFSET_SCALE);
	CONST(NFPROTO_IPV4);
	CONST(NFPROTO_IPV6);

	STRUCT(xtables_match);
	FIELD(xtables_match, version);
	FIELD(xtables_match, next);
	FIELD(xtables_match, name);
	FIELD(xtables_match, real_name);
	FIELD(xtables_match, revision);
	FIELD(xtables_match, ext_flags);
	FIELD(xtables_match, family);
	FIELD(xtables_match, size);
	FIELD(xtables_match, userspacesize);
	FIELD(xtables_match, help);
	FIELD(xtables_match, init);
	FIELD(xtables_match, parse);
	FIELD(xtables_match, final_check);
	FIELD(xtables_match, print);
	FIELD(xtables_match, save);
	FIELD(xtables_match, alias);
	FIELD(xtables_match, extra_opts);
	FIELD(xtables_match, x6_parse);
	FIELD(xtables_match, x6_fcheck);
	FIELD(xtables_match, x6_options);
	FIELD(xtables_match, xlate);
	FIELD(xtables_match, udata_size);
	FIELD(xtables_match, udata);
	FIELD(xtables_match, option_offset);
	FIELD(xtables_match, m);
	FIELD(xtables_match, mflags);
	FIELD(xtables_match, loaded);

	STRUCT(xtables_target);
	FIELD(xtables_target, version);
	FIELD(xtables_target, next);
	FIELD(xtables_target, name);
	FIELD(xtables_target, real_name);
	FIELD(xtables_target, revision);
	FIELD(xtables_target, ext_flags);
	FIELD(xtables_target, family);
	FIELD(xtables_target, size);
	FIELD(xtables_target, userspacesize);
	FIELD(xtables_target, help);
	FIELD(xtables_target, init);
	FIELD(xtables_target, parse);
	FIELD(xtables_target, final_check);
	FIELD(xtables_target, print);
	FIELD(xtables_target, save);
	FIELD(xtables_target, alias);
	FIELD(xtables_target, extra_opts);
	FIELD(xtables_target, x6_parse);
	FIELD(xtables_target, x6_fcheck);
	FIELD(xtables_target, x6_options);
	FIELD(xtables_target, xlate);
	FIELD(xtables_target, udata_size);
	FIELD(xtables_target, udata);
	FIELD(xtables_target, option_offset);
	FIELD(xtables_target, t);
	FIELD(xtables_target, tflags);
	FIELD(xtables_target, used);
	FIELD(xtables_target, loaded);

	STRUCT(xtables_rule_match);
	FIELD(xtables_rule_match, next);
	FIELD(xtables_rule_match, match);
	FIELD(xtables_rule_match, completed);

	STRUCT(xtables_pprot);
	FIELD(xtables_pprot, name);
	FIELD(xtables_pprot, num);

	STRUCT(option);
	FIELD(option, name);
	FIELD(option, has_arg);
	FIELD(option, flag);
	FIELD(option, val);
}

static void ip_tables(void)
{
	CONST(IPT_BASE_CTL);
	CONST(IPT_SO_GET_REVISION_MATCH);
	CONST(IPT_SO_GET_REVISION_TARGET);
	CONST(IPT_F_FRAG);
	CONST(IPT_F_GOTO);
	CONST(IPT_INV_VIA_IN);
	CONST(IPT_INV_VIA_OUT);
	CONST(IPT_INV_SRCIP);
	CONST(IPT_INV_DSTIP);
	CONST(IPT_INV_FRAG);
	CONST(IPT_INV_PROTO);

	STRUCT(ipt_ip);
	FIELD(ipt_ip, src);
	FIELD(ipt_ip, dst);
	FIELD(ipt_ip, smsk);
	FIELD(ipt_ip, dmsk);
	FIELD(ipt_ip, iniface);
	FIELD(ipt_ip, outiface);
	FIELD(ipt_ip, iniface_mask);
	FIELD(ipt_ip, outiface_mask);
	FIELD(ipt_ip, proto);
	FIELD(ipt_ip, flags);
	FIELD(ipt_ip, invflags);

	STRUCT(ipt_entry);
	FIELD(ipt_entry, ip);
	FIELD(ipt_entry, nfcache);
	FIELD(ipt_entry, target_offset);
	FIELD(ipt_entry, next_offset);
	FIELD(ipt_entry, comefrom);
	FIELD(ipt_entry, counters);

	STRUCT(ipt_icmp);
	FIELD(ipt_icmp, type);
	FIELD(ipt_icmp, code);
	FIELD(ipt_icmp, invflags);

	STRUCT(ipt_reject_info);
	FIELD(ipt_reject_info, with);
	CONST(IPT_ICMP_PORT_UNREACHABLE);
}

static void ip6_tables(void)
{
	CONST(IP6T_BASE_CTL);
	CONST(IP6T_SO_GET_REVISION_MATCH);
	CONST(IP6T_SO_GET_REVISION_TARGET);
	CONST(IP6T_F_PROTO);
	CONST(IP6T_F_GOTO);

	STRUCT(ip6t_ip6);
	FIELD(ip6t_ip6, src);
	FIELD(ip6t_ip6, dst);
	FIELD(ip6t_ip6, smsk);
	FIELD(ip6t_ip6, dmsk);
	FIELD(ip6t_ip6, iniface);
	FIELD(ip6t_ip6, outiface);
	FIELD(ip6t_ip6, iniface_mask);
	FIELD(ip6t_ip6, outiface_mask);
	FIELD(ip6t_ip6, proto);
	FIELD(ip6t_ip6, tos);
	FIELD(ip6t_ip6, flags);
	FIELD(ip6t_ip6, invflags);

	STRUCT(ip6t_entry);
	FIELD(ip6t_entry, ipv6);
	FIELD(ip6t_entry, nfcache);
	FIELD(ip6t_entry, target_offset);
	FIELD(ip6t_entry, next_offset);
	FIELD(ip6t_entry, comefrom);
	FIELD(ip6t_entry, counters);

	STRUCT(ip6t_icmp);
	FIELD(ip6t_icmp, type);
	FIELD(ip6t_icmp, code);
	FIELD(ip6t_icmp, invflags);

	STRUCT(ip6t_reject_info);
	FIELD(ip6t_reject_info, with);
	CONST(IP6T_ICMP6_PORT_UNREACH);
}

static void matches(void)
{
	CONST(XT_MAX_COMMENT_LEN);
	STRUCT(xt_comment_info);
	FIELD(xt_comment_info, comment);

	UNION(nf_inet_addr);
	printf("field nf_inet_addr.all %zu %zu\n", offsetof(union nf_inet_addr, all), sizeof(((union nf_inet_addr *)0)->all));
	STRUCT(xt_conntrack_mtinfo3);
	FIELD(xt_conntrack_mtinfo3, origsrc_addr);
	FIELD(xt_conntrack_mtinfo3, origsrc_mask);
	FIELD(xt_conntrack_mtinfo3, origdst_addr);
	FIELD(xt_conntrack_mtinfo3, origdst_mask);
	FIELD(xt_conntrack_mtinfo3, replsrc_addr);
	FIELD(xt_conntrack_mtinfo3, replsrc_mask);
	FIELD(xt_conntrack_mtinfo3, repldst_addr);
	FIELD(xt_conntrack_mtinfo3, repldst_mask);
	FIELD(xt_conntrack_mtinfo3, expires_min);
	FIELD(xt_conntrack_mtinfo3, expires_max);
	FIELD(xt_conntrack_mtinfo3, l4proto);
	FIELD(xt_conntrack_mtinfo3, origsrc_port);
	FIELD(xt_conntrack_mtinfo3, origdst_port);
	FIELD(xt_conntrack_mtinfo3, replsrc_port);
	FIELD(xt_conntrack_mtinfo3, repldst_port);
	FIELD(xt_conntrack_mtinfo3, match_flags);
	FIELD(xt_conntrack_mtinfo3, invert_flags);
	FIELD(xt_conntrack_mtinfo3, state_mask);
	FIELD(xt_conntrack_mtinfo3, status_mask);
	FIELD(xt_conntrack_mtinfo3, origsrc_port_high);
	FIELD(xt_conntrack_mtinfo3, origdst_port_high);
	FIELD(xt_conntrack_mtinfo3, replsrc_port_high);
	FIELD(xt_conntrack_mtinfo3, repldst_port_high);
	CONST(XT_CONNTRACK_STATE);
	CONST(XT_CONNTRACK_STATE_INVALID);
	CONST(XT_CONNTRACK_STATE_SNAT);
	CONST(XT_CONNTRACK_STATE_DNAT);
	CONST(XT_CONNTRACK_STATE_UNTRACKED);

	STRUCT(xt_multiport_v1);
	FIELD(xt_multiport_v1, flags);
	FIELD(xt_multiport_v1, count);
	FIELD(xt_multiport_v1, ports);
	FIELD(xt_multiport_v1, pflags);
	FIELD(xt_multiport_v1, invert);
	CONST(XT_MULTIPORT_SOURCE);
	CONST(XT_MULTIPORT_DESTINATION);
	CONST(XT_MULTIPORT_EITHER);
	CONST(XT_MULTI_PORTS);

	CONST(XT_LIMIT_SCALE);
	STRUCT(xt_rateinfo);
	FIELD(xt_rateinfo, avg);
	FIELD(xt_rateinfo, burst);
	FIELD(xt_rateinfo, prev);
	FIELD(xt_rateinfo, credit);
	FIELD(xt_rateinfo, credit_cap);
	FIELD(xt_rateinfo, cost);
	FIELD(xt_rateinfo, master);

	STRUCT(xt_set_info);
	FIELD(xt_set_info, index);
	FIELD(xt_set_info, dim);
	FIELD(xt_set_info, flags);

	STRUCT(ip_set_counter_match);
	FIELD(ip_set_counter_match, value);
	FIELD(ip_set_counter_match, op);

	STRUCT(xt_set_info_match_v4);
	FIELD(xt_set_info_match_v4, match_set);
	FIELD(xt_set_info_match_v4, packets);
	FIELD(xt_set_info_match_v4, bytes);
	FIELD(xt_set_info_match_v4, flags);
	CONST(IPSET_DIM_MAX);
	CONST(IPSET_INV_MATCH);
}

static void logs(void)
{
	STRUCT(xt_log_info);
	FIELD(xt_log_info, level);
	FIELD(xt_log_info, logflags);
	FIELD(xt_log_info, prefix);

	STRUCT(xt_nflog_info);
	FIELD(xt_nflog_info, len);
	FIELD(xt_nflog_info, group);
	FIELD(xt_nflog_info, threshold);
	FIELD(xt_nflog_info, flags);
	FIELD(xt_nflog_info, pad);
	FIELD(xt_nflog_info, prefix);
}

static void files(void)
{
	CONST(LOCK_EX);
	CONST(LOCK_NB);
	CONST(MEMBARRIER_CMD_QUERY);
	CONST(MEMBARRIER_CMD_GLOBAL);
}

int main(void)
{
	resolver();
	netlink();
	nfnetlink();
	ipset();
	x_tables();
	libxtables();
	ip_tables();
	ip6_tables();
	matches();
	logs();
	files();
	return 0;
}
