/*
 * The floor under every DNS server on this machine: takes datagrams and sends them back with the QR bit set and NXDOMAIN
 * as the answer. It reads no name, knows no policy, and makes as few system calls as the kernel allows.
 *
 * Usage: reflector ADDRESS PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, LARGEST = 512, RECEIVE_BUFFER = 8 << 20 };

static unsigned char bytes[BATCH][LARGEST];
static struct iovec parts[BATCH];
static struct sockaddr_in from[BATCH];
static struct mmsghdr messages[BATCH];

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
        fprintf(stderr, "usage: reflector ADDRESS PORT\n");
        return 2;
    }
    address.sin_port = htons((unsigned short)atoi(argv[2]));
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    int buffer = RECEIVE_BUFFER;
    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    if (bind(s, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("bind");
        return 1;
    }
    for (int i = 0; i < BATCH; i++) {
        messages[i].msg_hdr.msg_name = &from[i];
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        parts[i].iov_base = bytes[i];
    }
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            messages[i].msg_hdr.msg_namelen = sizeof from[i];
            parts[i].iov_len = LARGEST;
        }
        int count = recvmmsg(s, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < count; i++) {
            parts[i].iov_len = messages[i].msg_len;
            bytes[i][2] |= 0x80;                /* QR */
            bytes[i][3] = 0x83;                 /* RA, NXDOMAIN */
        }
        for (int sent = 0; sent < count;) {
            int now = sendmmsg(s, messages + sent, (unsigned)(count - sent), 0);
            if (now <= 0) {
                break;
            }
            sent += now;
        }
    }
}
