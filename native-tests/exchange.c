// Sends netlink datagrams given as hex, one a line, spaces allowed, to NETLINK_NETFILTER and reads what comes back until nothing
// more does. capture-golden.sh runs it under strace for what the ipset program never sends: malformed requests, an old
// protocol, requests for extended acks. `exchange -x` asks for extended acks, `exchange -c` for capped errors.
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/netlink.h>

static size_t parse(const char *text, unsigned char *bytes)
{
	size_t count = 0;
	unsigned int value;

	while (*text) {
		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		if (sscanf(text, "%2x", &value) != 1)
			break;
		bytes[count++] = (unsigned char)value;
		text += 2;
	}
	return count;
}

int main(int argc, char **argv)
{
	static char text[16384];
	static unsigned char bytes[8192], reply[65536];
	const struct timeval patience = { .tv_usec = 200000 };
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const int on = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)) {
		perror("exchange");
		return 1;
	}
	for (int i = 1; i < argc; i++) {
		int option = strcmp(argv[i], "-x") == 0 ? NETLINK_EXT_ACK : NETLINK_CAP_ACK;

		if (setsockopt(fd, SOL_NETLINK, option, &on, sizeof on)) {
			perror(argv[i]);
			return 1;
		}
	}
	while (fgets(text, sizeof text, stdin)) {
		size_t length = parse(text, bytes);
		struct iovec part = { reply, sizeof reply };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

		if (length == 0)
			continue;
		if (sendto(fd, bytes, length, 0, (const struct sockaddr *)&kernel, sizeof kernel) < 0) {
			perror("sendto");
			return 1;
		}
		while (recvmsg(fd, &message, 0) > 0)
			;
	}
	close(fd);
	return 0;
}
