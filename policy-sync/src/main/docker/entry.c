/*
 * The program of the image. As "sallyport" it starts the Java machine. Run as any user but root, and for a command that
 * works on the kernel, it first hands on the two capabilities that its own file has (capabilities(7), ambient): Java and
 * the iptables that Java starts then have them, and no file that somebody else could start does.
 * As "healthy" it asks http://127.0.0.1:PORT/healthz (default 9153) and says by its exit code whether it was 200.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define HOME "/opt/sallyport"
#define MAX_WORDS 4096 /* of a command line; a longer one belongs into a file */
#define PATIENCE_SECONDS 3

static const unsigned CAPABILITIES[] = {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE};
static const char *const ON_THE_KERNEL[] = {"node", "up", "run", "docker", "doctor", "rules", "uninstall"};
static const char *const SERVERS[] = {"node", "up", "control", "resolver"};

static int is_among(const char *word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) return 1;
    }
    return 0;
}
#define IS_AMONG(word, words) is_among(word, words, sizeof words / sizeof *words)

static int fail(const char *what) {
    fprintf(stderr, "sallyport: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Puts what this process was permitted by its file, and no more, where a program that it becomes finds it. */
static int hand_on_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) return fail("capget");
    for (size_t i = 0; i < sizeof CAPABILITIES / sizeof *CAPABILITIES; i++) {
        if (data[0].permitted & (1u << CAPABILITIES[i])) data[0].inheritable |= 1u << CAPABILITIES[i];
    }
    if (syscall(SYS_capset, &header, data) != 0) return fail("capset");
    for (size_t i = 0; i < sizeof CAPABILITIES / sizeof *CAPABILITIES; i++) {
        if ((data[0].permitted & (1u << CAPABILITIES[i])) &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAPABILITIES[i], 0, 0) != 0)
            return fail("a capability cannot be handed on");
    }
    if (!(data[0].permitted & (1u << CAP_NET_ADMIN)))
        fputs("sallyport: this container may not change the kernel's rules: run it with --cap-add NET_ADMIN, and without "
              "no-new-privileges (allowPrivilegeEscalation: true) unless as root\n", stderr);
    return 0;
}

static int run(int count, char **words) {
    if (count > MAX_WORDS) {
        fputs("sallyport: too many words\n", stderr);
        return 2;
    }
    const char *command = count > 1 ? words[1] : "";
    if (geteuid() != 0 && IS_AMONG(command, ON_THE_KERNEL) && hand_on_capabilities() != 0) return 1;
    static char bound[4 + 16] = "-Xmx";
    const char *heap = getenv("SALLYPORT_HEAP");
    size_t digits = heap ? strspn(heap, "0123456789") : 0;
    if (heap && *heap && (digits == 0 || digits > 9 || strcspn(heap + digits, "kKmMgG") + strlen(heap + digits) > 1)) {
        fprintf(stderr, "sallyport: SALLYPORT_HEAP is a size such as 384m, not %s\n", heap);
        return 2;
    }
    char *java[MAX_WORDS + 8];
    int n = 0;
    java[n++] = HOME "/java/bin/java";
    java[n++] = IS_AMONG(command, SERVERS) ? "@" HOME "/server.options" : "@" HOME "/command.options";
    if (digits > 0) java[n++] = strcat(bound, heap);
    java[n++] = "-jar";
    java[n++] = HOME "/sallyport.jar";
    for (int i = 1; i < count; i++) java[n++] = words[i];
    java[n] = NULL;
    execv(java[0], java);
    return fail(java[0]);
}

static int healthy(const char *port) {
    char *end;
    long number = strtol(port, &end, 10);
    if (*end != '\0' || number < 1 || number > 65535) {
        fprintf(stderr, "healthy: not a port: %s\n", port);
        return 2;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)number)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int asked = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (asked < 0 || setsockopt(asked, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        setsockopt(asked, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
        connect(asked, (struct sockaddr *)&address, sizeof address) != 0)
        return fail("not healthy");
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (write(asked, request, sizeof request - 1) != (ssize_t)(sizeof request - 1)) return fail("not healthy");
    char status[13] = "";
    size_t got = 0;
    while (got < sizeof status - 1) {
        ssize_t more = read(asked, status + got, sizeof status - 1 - got);
        if (more <= 0) break;
        got += (size_t)more;
    }
    if (got == sizeof status - 1 && memcmp(status, "HTTP/1.", 7) == 0 && memcmp(status + 8, " 200", 4) == 0) return 0;
    fputs("not healthy\n", stderr);
    return 1;
}

int main(int count, char **words) {
    const char *slash = count > 0 ? strrchr(words[0], '/') : NULL;
    const char *name = slash ? slash + 1 : count > 0 ? words[0] : "";
    return strcmp(name, "healthy") == 0 ? healthy(count > 1 ? words[1] : "9153") : run(count, words);
}
