// flood BASE DESTINATIONS PACKETS ROUNDS: sends UDP packets to DESTINATIONS addresses from BASE on in turn, as fast as it can, and prints the
// nanoseconds that one took in the fastest round. A veth pair hands each packet on in the sender's own time: what the other end's rules cost is
// in the figure, and the fastest round is the one that nothing else disturbed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	struct in_addr base;
	if (argc != 5 || inet_pton(AF_INET, argv[1], &base) != 1) {
		fprintf(stderr, "usage: flood BASE DESTINATIONS PACKETS ROUNDS\n");
		return 2;
	}

	unsigned destinations = atoi(argv[2]), packets = atoi(argv[3]), rounds = atoi(argv[4]), next = 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in to[BATCH] = {0};
	struct iovec data = {"probe", 5};
	struct mmsghdr messages[BATCH] = {0};
	for (int i = 0; i < BATCH; i++) {
		to[i].sin_family = AF_INET;
		to[i].sin_port = htons(4242);
		messages[i].msg_hdr = (struct msghdr){.msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &data, .msg_iovlen = 1};
	}

	double best = 1e30;
	for (unsigned round = 0; round < rounds; round++) {
		double start = now();
		for (unsigned sent = 0; sent < packets; sent += BATCH) {
			for (int i = 0; i < BATCH; i++)
				to[i].sin_addr.s_addr = htonl(ntohl(base.s_addr) + next++ % destinations);
			if (sendmmsg(fd, messages, BATCH, 0) != BATCH) {
				perror("sendmmsg");
				return 1;
			}
		}

		double each = (now() - start) / packets;
		if (each < best)
			best = each;
	}

	printf("%.1f\n", best);
	return 0;
}
