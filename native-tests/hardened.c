/* Runs a program as systemd runs a service with isolation-netlinkd.service's lines: two capabilities and no way to get others, only those
 * system calls whose numbers are given on standard input, no memory that can be written and executed, four families of sockets; with -u as
 * a user and group of its own, of that number.
 *
 *   hardened [-u ID] PROGRAM [ARGUMENT...] <numbers
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + (n) * 8)
#define LOAD(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset))
#define RETURN(value) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value))
#define IF_EQUAL(value, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no))
#define IF_ANY(bits, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no))

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static struct sock_filter filter[BPF_MAXINSNS];
static unsigned short length;

static void add(struct sock_filter instruction)
{
    if (length == BPF_MAXINSNS) {
        fputs("hardened: too many system calls\n", stderr);
        exit(125);
    }
    filter[length++] = instruction;
}

static void check(int result, const char *what)
{
    if (result != 0) {
        fprintf(stderr, "hardened: %s: %s\n", what, strerror(errno));
        exit(125);
    }
}

int main(int argc, char **argv)
{
    const unsigned refused = SECCOMP_RET_ERRNO | EPERM;
    const unsigned families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
    const unsigned kept = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW;
    uid_t user = 0;
    if (argc > 2 && strcmp(argv[1], "-u") == 0) {
        user = (uid_t)strtoul(argv[2], NULL, 10);
        argv += 2;
        argc -= 2;
    }
    if (argc < 2) {
        fputs("usage: hardened [-u ID] PROGRAM [ARGUMENT...] <numbers\n", stderr);
        return 125;
    }

    /* SystemCallArchitectures=native */
    add(LOAD(offsetof(struct seccomp_data, arch)));
    add(IF_EQUAL(ARCHITECTURE, 1, 0));
    add(RETURN(SECCOMP_RET_KILL_PROCESS));

    /* MemoryDenyWriteExecute=yes, as systemd writes it (seccomp-util.c, seccomp_memory_deny_write_execute) */
    add(LOAD(offsetof(struct seccomp_data, nr)));
    add(IF_EQUAL(SYS_mmap, 0, 5));
    add(LOAD(ARGUMENT(2)));
    add(IF_ANY(PROT_WRITE, 0, 2));
    add(IF_ANY(PROT_EXEC, 0, 1));
    add(RETURN(refused));
    add(LOAD(offsetof(struct seccomp_data, nr)));
    add(IF_EQUAL(SYS_mprotect, 0, 4));
    add(LOAD(ARGUMENT(2)));
    add(IF_ANY(PROT_EXEC, 0, 1));
    add(RETURN(refused));
    add(LOAD(offsetof(struct seccomp_data, nr)));

    /* RestrictAddressFamilies= */
    add(IF_EQUAL(SYS_socket, 0, 7));
    add(LOAD(ARGUMENT(0)));
    for (unsigned char i = 0; i < 4; i++) add(IF_EQUAL(families[i], 4 - i, 0));
    add(RETURN(SECCOMP_RET_ERRNO | EAFNOSUPPORT));
    add(LOAD(offsetof(struct seccomp_data, nr)));

    /* SystemCallFilter= */
    unsigned number, count = 0;
    while (scanf("%u", &number) == 1) {
        add(IF_EQUAL(number, 0, 1));
        add(RETURN(SECCOMP_RET_ALLOW));
        count++;
    }
    add(RETURN(refused));
    if (count == 0) {
        fputs("hardened: no system calls on standard input\n", stderr);
        return 125;
    }

    /* CapabilityBoundingSet=, AmbientCapabilities=. Who is root gets at an exec what the bounding set leaves. */
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        if (capability != CAP_NET_ADMIN && capability != CAP_NET_RAW) check(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "bounding set");
    }
    if (user != 0) {
        /* User=, Group= */
        check(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keep capabilities");
        check(setgroups(0, NULL), "setgroups");
        check(setresgid(user, user, user), "setresgid");
        check(setresuid(user, user, user), "setresuid");
    }
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { { .effective = kept, .permitted = kept, .inheritable = kept } };
    check((int)syscall(SYS_capset, &header, data), "capset");
    check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0), "ambient CAP_NET_ADMIN");
    check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0), "ambient CAP_NET_RAW");

    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
    struct sock_fprog program = { .len = length, .filter = filter };
    check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");

    /* Standard input had the numbers. */
    int null = open("/dev/null", O_RDONLY);
    check(null < 0 || dup2(null, 0) < 0, "/dev/null");
    execv(argv[1], argv + 1);
    fprintf(stderr, "hardened: %s: %s\n", argv[1], strerror(errno));
    return 125;
}
