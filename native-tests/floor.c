// The floor of a bulk load: how fast this kernel takes entries when nothing but the kernel works while the clock runs.
//   unshare -n build/floor FILE [HASHSIZE] [file|bucket]
// FILE is an `ipset save` of one hash:net set of IPv4: lines of `add NAME A.B.C.D[/LENGTH]`. They are parsed and laid out in ADT
// batches beforehand; timed are the sends, each with its ack, in the order of the file or in the order of the kernel's buckets. Then all is
// read back, and what comes is thrown away: the floor of a dump.
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/ipset/ip_set.h>

#define SET "floor"
#define SEED 0x2545f491u
#define BATCH_BYTES 60000	/* an attribute holds 65535 at most */
#define REVISION 0		/* the oldest hash:net, which every kernel has */

struct entry {
	uint32_t address;	/* network order */
	uint8_t length;
	uint32_t bucket;
};

struct buffer {
	char *bytes;
	size_t used, room;
};

static int fd;
static uint32_t sequence;

static _Noreturn void fail(const char *what, int error)
{
	fprintf(stderr, "floor: %s: %s (%d)\n", what, error < 4096 ? strerror(error) : "ipset error", error);
	exit(1);
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void *append(struct buffer *out, size_t length)
{
	size_t padded = NLMSG_ALIGN(length);
	void *place;

	if (out->used + padded > out->room) {
		out->room = 2 * (out->room + padded);
		out->bytes = realloc(out->bytes, out->room);
		if (!out->bytes)
			fail("realloc", ENOMEM);
	}
	place = memset(out->bytes + out->used, 0, padded);
	out->used += padded;
	return place;
}

static void attribute(struct buffer *out, uint16_t type, const void *value, uint16_t length)
{
	struct nlattr *header = append(out, NLA_HDRLEN + length);

	header->nla_type = type;
	header->nla_len = NLA_HDRLEN + length;
	memcpy((char *)header + NLA_HDRLEN, value, length);
}

static void attribute_be32(struct buffer *out, uint16_t type, uint32_t value)
{
	value = htonl(value);
	attribute(out, type | NLA_F_NET_BYTEORDER, &value, sizeof value);
}

static size_t begin(struct buffer *out, uint16_t type)
{
	struct nlattr *header = append(out, NLA_HDRLEN);

	header->nla_type = type | NLA_F_NESTED;
	return out->used - NLA_HDRLEN;
}

static void end(struct buffer *out, size_t begun)
{
	((struct nlattr *)(out->bytes + begun))->nla_len = out->used - begun;
}

static size_t message(struct buffer *out, uint8_t command, uint16_t flags)
{
	size_t begun = out->used;
	struct nlmsghdr *header = append(out, sizeof *header);
	struct nfgenmsg *netfilter;

	header->nlmsg_type = NFNL_SUBSYS_IPSET << 8 | command;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	header->nlmsg_seq = ++sequence;
	netfilter = append(out, sizeof *netfilter);
	netfilter->nfgen_family = AF_INET;
	attribute(out, IPSET_ATTR_PROTOCOL, &(uint8_t){ IPSET_PROTOCOL }, 1);
	attribute(out, IPSET_ATTR_SETNAME, SET, sizeof SET);
	return begun;
}

static void finish(struct buffer *out, size_t begun)
{
	((struct nlmsghdr *)(out->bytes + begun))->nlmsg_len = out->used - begun;
}

/* Sends one message and awaits its ack. */
static void exchange(const char *bytes, const char *what)
{
	static char reply[1 << 17];
	const struct nlmsghdr *header = (const void *)reply;

	if (send(fd, bytes, ((const struct nlmsghdr *)bytes)->nlmsg_len, 0) < 0 || recv(fd, reply, sizeof reply, 0) < 0)
		fail(what, errno);
	if (header->nlmsg_type != NLMSG_ERROR || ((struct nlmsgerr *)NLMSG_DATA(header))->error)
		fail(what, -((struct nlmsgerr *)NLMSG_DATA(header))->error);
}

static void create(uint32_t hashsize, uint32_t maxelem)
{
	struct buffer out = { 0 };
	size_t begun = message(&out, IPSET_CMD_CREATE, NLM_F_CREATE | NLM_F_EXCL), data;

	attribute(&out, IPSET_ATTR_TYPENAME, "hash:net", sizeof "hash:net");
	attribute(&out, IPSET_ATTR_REVISION, &(uint8_t){ REVISION }, 1);
	attribute(&out, IPSET_ATTR_FAMILY, &(uint8_t){ AF_INET }, 1);
	data = begin(&out, IPSET_ATTR_DATA);
	attribute_be32(&out, IPSET_ATTR_HASHSIZE, hashsize);
	attribute_be32(&out, IPSET_ATTR_MAXELEM, maxelem);
	attribute_be32(&out, IPSET_ATTR_INITVAL, SEED);
	end(&out, data);
	finish(&out, begun);
	exchange(out.bytes, "create");
	free(out.bytes);
}

/* Reads the set to the end of the dump and looks at nothing but the messages' headers; returns the bytes received. */
static size_t dump(void)
{
	static char reply[1 << 18];
	struct buffer out = { 0 };
	const struct nlmsghdr *header;
	size_t bytes = 0;
	ssize_t received;

	finish(&out, message(&out, IPSET_CMD_LIST, NLM_F_DUMP));
	if (send(fd, out.bytes, out.used, 0) < 0)
		fail("dump", errno);
	free(out.bytes);
	for (;;) {
		received = recv(fd, reply, sizeof reply, 0);
		if (received < 0)
			fail("dump", errno);
		bytes += received;
		for (header = (const void *)reply; NLMSG_OK(header, received); header = NLMSG_NEXT(header, received)) {
			if (header->nlmsg_type == NLMSG_DONE)
				return bytes;
			if (header->nlmsg_type == NLMSG_ERROR)
				fail("dump", -((struct nlmsgerr *)NLMSG_DATA(header))->error);
		}
	}
}

static void destroy(void)
{
	struct buffer out = { 0 };

	finish(&out, message(&out, IPSET_CMD_DESTROY, 0));
	exchange(out.bytes, "destroy");
	free(out.bytes);
}

/* All batches, one message after the other. */
static struct buffer marshal(const struct entry *entries, size_t count)
{
	struct buffer out = { 0 };

	for (size_t i = 0; i < count;) {
		size_t begun = message(&out, IPSET_CMD_ADD, 0), batch;

		attribute_be32(&out, IPSET_ATTR_LINENO, 0);
		batch = begin(&out, IPSET_ATTR_ADT);
		for (; i < count && out.used - batch < BATCH_BYTES; i++) {
			size_t data = begin(&out, IPSET_ATTR_DATA), ip = begin(&out, IPSET_ATTR_IP);

			attribute(&out, IPSET_ATTR_IPADDR_IPV4 | NLA_F_NET_BYTEORDER, &entries[i].address, 4);
			end(&out, ip);
			attribute(&out, IPSET_ATTR_CIDR, &entries[i].length, 1);
			end(&out, data);
		}
		end(&out, batch);
		finish(&out, begun);
	}
	return out;
}

static uint32_t rotate(uint32_t value, int by)
{
	return value << by | value >> (32 - by);
}

/* The kernel's jhash2 of a hash:net key of two words: the address, and the prefix length in the last byte (linux/jhash.h). */
static uint32_t hash(const struct entry *entry)
{
	uint32_t a, b, c;
	const uint8_t second[4] = { 0, 0, 0, entry->length };
	uint32_t word;

	memcpy(&word, second, sizeof word);
	a = b = c = 0xdeadbeefu + (2 << 2) + SEED;
	a += entry->address;
	b += word;
	c = (c ^ b) - rotate(b, 14);
	a = (a ^ c) - rotate(c, 11);
	b = (b ^ a) - rotate(a, 25);
	c = (c ^ b) - rotate(b, 16);
	a = (a ^ c) - rotate(c, 4);
	b = (b ^ a) - rotate(a, 14);
	return (c ^ b) - rotate(b, 24);
}

static int by_bucket(const void *left, const void *right)
{
	uint32_t a = ((const struct entry *)left)->bucket, b = ((const struct entry *)right)->bucket;

	return (a > b) - (a < b);
}

static struct entry *read_entries(const char *path, size_t *count)
{
	FILE *file = fopen(path, "r");
	char line[256], address[64];
	size_t room = 0;
	struct entry *entries = NULL;

	if (!file)
		fail(path, errno);
	for (*count = 0; fgets(line, sizeof line, file);) {
		unsigned int length = 32;

		if (sscanf(line, "add %*s %63[0-9.]/%u", address, &length) < 1)
			continue;
		if (*count == room) {
			room = 2 * room + 1024;
			entries = realloc(entries, room * sizeof *entries);
			if (!entries)
				fail("realloc", ENOMEM);
		}
		entries[*count] = (struct entry){ .length = (uint8_t)length };
		if (inet_pton(AF_INET, address, &entries[*count].address) == 1)
			++*count;
	}
	fclose(file);
	return entries;
}

int main(int argc, char **argv)
{
	const int buffer_size = 8 << 20;
	size_t count, batches = 0, dumped;
	struct entry *entries;
	struct buffer out;
	uint32_t hashsize = 1024;
	double start, marshalled, created, sent, read;

	if (argc < 2) {
		fprintf(stderr, "usage: floor FILE [HASHSIZE] [file|bucket]\n");
		return 2;
	}
	entries = read_entries(argv[1], &count);
	while (hashsize < count / 4)
		hashsize *= 2;
	if (argc > 2)
		hashsize = strtoul(argv[2], NULL, 0);
	if (argc > 3 && strcmp(argv[3], "bucket") == 0) {
		for (size_t i = 0; i < count; i++)
			entries[i].bucket = hash(&entries[i]) & (hashsize - 1);
		qsort(entries, count, sizeof *entries, by_bucket);
	}

	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer_size, sizeof buffer_size))
		fail("socket", errno);

	start = milliseconds();
	out = marshal(entries, count);
	marshalled = milliseconds();
	create(hashsize, count);
	created = milliseconds();
	for (size_t at = 0; at < out.used; at += ((struct nlmsghdr *)(out.bytes + at))->nlmsg_len, batches++)
		exchange(out.bytes + at, "add");
	sent = milliseconds();
	dumped = dump();
	read = milliseconds();
	destroy();
	printf("%zu entries, hashsize %u, %zu batches, %zu bytes, %zu bytes dumped: "
	       "marshal %.1f ms, create %.1f ms, add %.1f ms, dump %.1f ms, destroy %.1f ms\n",
	       count, hashsize, batches, out.used, dumped,
	       marshalled - start, created - marshalled, sent - created, read - sent, milliseconds() - read);
	free(out.bytes);
	free(entries);
	close(fd);
	return 0;
}
