/*
 * Loaded into every program of the image (/etc/ld.so.preload). iptables opens a raw socket only to put a question to the
 * kernel by getsockopt(2) (its own tables, the numbers of ipset); any socket will do for that. With this the node needs
 * no CAP_NET_RAW, by which a process could send packets that no rule of netfilter's output has seen.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TYPE 0xf /* the rest are flags: SOCK_CLOEXEC, SOCK_NONBLOCK */

int socket(int domain, int type, int protocol) {
    if ((domain == AF_INET || domain == AF_INET6) && (type & TYPE) == SOCK_RAW && protocol == IPPROTO_RAW) {
        type = (type & ~TYPE) | SOCK_DGRAM;
        protocol = 0;
    }
    return (int)syscall(SYS_socket, domain, type, protocol);
}
