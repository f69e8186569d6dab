/* What this C library's getaddrinfo says of a name: its addresses, a line each, or one word. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
    struct addrinfo hints, *found, *at;
    char text[64];
    int error;

    if (argc != 3)
        return 2;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = argv[2][0] == '4' ? AF_INET : argv[2][0] == '6' ? AF_INET6 : AF_UNSPEC;
    error = getaddrinfo(argv[1], NULL, &hints, &found);
    if (error) {
        puts(error == EAI_NONAME ? "not-found" : error == EAI_AGAIN ? "later" : gai_strerror(error));
        return 0;
    }
    for (at = found; at; at = at->ai_next) {
        void *address = at->ai_family == AF_INET
            ? (void *)&((struct sockaddr_in *)at->ai_addr)->sin_addr
            : (void *)&((struct sockaddr_in6 *)at->ai_addr)->sin6_addr;
        puts(inet_ntop(at->ai_family, address, text, sizeof text));
    }
    return 0;
}
