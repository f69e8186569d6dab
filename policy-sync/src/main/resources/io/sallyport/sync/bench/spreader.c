/*
 * Asks a DNS server from many source addresses through one socket, and tells how long the answers took.
 *
 * Usage: spreader -s SERVER -p PORT -d NAMES -l SECONDS [-a FIRST-SOURCE] [-c SOURCES]
 *                 (-q OUTSTANDING | -Q RATE | -f RATE) [-i MILLISECONDS] [-r]
 *   -q  as fast as answers come, with this many questions outstanding
 *   -Q  this many questions a second, whether or not answers come
 *   -f  the same as a flood: nobody waits for the answers; 0 is as fast as it goes
 *   -i  tell for each such interval what was sent in it, what of that was answered, and the slowest answer
 *   -r  names that begin with z are new each time: their next eight letters count
 * NAMES has one "name A" a line, as for dnsperf. Sources are consecutive addresses that this host must own; one per
 * question, in turn.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, LARGEST = 512, IDS = 65536, PATIENCE_US = 1000000, INTERVALS = 100000 };

struct interval { uint32_t sent, answered, slowest; };

static unsigned char *wire;                     /* all questions, one after the other */
static size_t *start;                           /* where each begins; one more than there are */
static size_t questions;

static uint64_t sent_at[IDS];                   /* by id; 0: answered, or given up */
static uint64_t sent, oldest;                   /* numbers of questions; the id is the number's lower half */
static uint64_t completed, lost;
static uint64_t rcodes[16], records;            /* records: answers that have any */
static uint32_t histogram[PATIENCE_US + 1];     /* answers by microseconds */
static struct interval intervals[INTERVALS];
static uint64_t began, interval_us;
static int renew;

static unsigned char out_bytes[BATCH][LARGEST], in_bytes[BATCH][LARGEST];
static struct mmsghdr out[BATCH], in[BATCH];
static struct iovec out_parts[BATCH], in_parts[BATCH];
static union { char room[CMSG_SPACE(sizeof(struct in_pktinfo))]; struct cmsghdr align; } control[BATCH];

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

/* RFC 1035 section 4.1: header with RD, one question, type A, class IN. Returns the length. */
static size_t encode(unsigned char *to, char *name) {
    static const unsigned char header[12] = {0, 0, 1, 0, 0, 1};
    memcpy(to, header, sizeof header);
    size_t length = sizeof header;
    for (char *label = strtok(name, "."); label; label = strtok(NULL, ".")) {
        size_t octets = strlen(label);
        to[length++] = (unsigned char)octets;
        memcpy(to + length, label, octets);
        length += octets;
    }
    memcpy(to + length, (unsigned char[]){0, 0, 1, 0, 1}, 5);
    return length + 5;
}

static void read_names(const char *file) {
    FILE *names = fopen(file, "r");
    char line[300], name[256];
    size_t room = 0, used = 0, slots = 0;
    if (!names) {
        die(file);
    }
    while (fgets(line, sizeof line, names)) {
        if (sscanf(line, "%255s", name) != 1) {
            continue;
        }
        if (used + LARGEST > room && !(wire = realloc(wire, room = room * 2 + (1 << 20)))) {
            die("realloc");
        }
        if (questions + 2 > slots && !(start = realloc(start, (slots = slots * 2 + 1024) * sizeof *start))) {
            die("realloc");
        }
        start[questions++] = used;
        used += encode(wire + used, name);
        start[questions] = used;
    }
    fclose(names);
    if (questions == 0) {
        fprintf(stderr, "%s has no names\n", file);
        exit(1);
    }
}

/* Makes a name that nobody asked before of one that begins with z. The first label follows the header and its length. */
static void count_in_letters(unsigned char *question, uint64_t number) {
    for (int i = 0; i < 8; i++, number /= 26) {
        question[14 + i] = (unsigned char)('a' + number % 26);
    }
}

static struct interval *interval_of(uint64_t at) {
    uint64_t index = interval_us ? (at - began) / interval_us : 0;
    return &intervals[index < INTERVALS ? index : INTERVALS - 1];
}

/* Moves past what is answered, and past what nobody will answer any more. */
static void give_up(uint64_t now) {
    while (oldest < sent) {
        uint64_t *at = &sent_at[oldest % IDS];
        if (*at + PATIENCE_US > now && sent - oldest < IDS - BATCH) {
            return;
        }
        if (*at != 0) {
            lost++;
            *at = 0;
        }
        oldest++;
    }
}

static void send_batch(int s, unsigned count, uint32_t first, uint32_t sources) {
    uint64_t now = now_us();
    for (unsigned i = 0; i < count; i++) {
        uint64_t number = sent + i;
        size_t which = number % questions, length = start[which + 1] - start[which];
        memcpy(out_bytes[i], wire + start[which], length);
        if (renew && out_bytes[i][12] >= 9 && out_bytes[i][13] == 'z') {
            count_in_letters(out_bytes[i], number);
        }
        out_bytes[i][0] = (unsigned char)(number >> 8);
        out_bytes[i][1] = (unsigned char)number;
        out_parts[i].iov_len = length;
        struct in_pktinfo source = {.ipi_spec_dst.s_addr = htonl(first + (uint32_t)(number % sources))};
        memcpy(CMSG_DATA(&control[i].align), &source, sizeof source);
        sent_at[number % IDS] = now;
    }
    int done = sendmmsg(s, out, count, 0);
    if (done < 0) {
        die("sendmmsg");
    }
    for (unsigned i = (unsigned)done; i < count; i++) {
        sent_at[(sent + i) % IDS] = 0;
    }
    sent += (uint64_t)done;
    interval_of(now)->sent += (uint32_t)done;
}

/* Returns whether anything had come. */
static int receive(int s) {
    int count = recvmmsg(s, in, BATCH, MSG_DONTWAIT, NULL);
    uint64_t now = now_us();
    for (int i = 0; i < count; i++) {
        uint64_t *at = &sent_at[in_bytes[i][0] << 8 | in_bytes[i][1]];
        if (in[i].msg_len < 12 || !(in_bytes[i][2] & 0x80) || *at == 0) {
            continue;
        }
        uint64_t took = now - *at;
        struct interval *of = interval_of(*at);
        *at = 0;
        completed++;
        rcodes[in_bytes[i][3] & 15]++;
        records += (in_bytes[i][6] | in_bytes[i][7]) != 0;
        histogram[took < PATIENCE_US ? took : PATIENCE_US]++;
        of->answered++;
        if (took > of->slowest) {
            of->slowest = (uint32_t)took;
        }
    }
    return count > 0;
}

static unsigned percentile(double share) {
    uint64_t seen = 0;
    for (unsigned us = 0; us <= PATIENCE_US; us++) {
        seen += histogram[us];
        if (seen > 0 && (double)seen >= share * (double)completed) {
            return us;
        }
    }
    return 0;
}

static int open_socket(const char *server, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    static struct sockaddr_in destination;
    int s = socket(AF_INET, SOCK_DGRAM, 0), buffer = 8 << 20;
    struct sockaddr_in any = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, server, &to.sin_addr) != 1) {
        fprintf(stderr, "no IPv4 address: %s\n", server);
        exit(2);
    }
    destination = to;
    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    if (bind(s, (struct sockaddr *)&any, sizeof any) != 0) {
        die("bind");
    }
    for (int i = 0; i < BATCH; i++) {
        out_parts[i].iov_base = out_bytes[i];
        out[i].msg_hdr = (struct msghdr){
            .msg_name = &destination, .msg_namelen = sizeof destination, .msg_iov = &out_parts[i], .msg_iovlen = 1,
            .msg_control = &control[i], .msg_controllen = sizeof control[i].room};
        control[i].align.cmsg_level = IPPROTO_IP;
        control[i].align.cmsg_type = IP_PKTINFO;
        control[i].align.cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
        in_parts[i] = (struct iovec){in_bytes[i], LARGEST};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &in_parts[i], .msg_iovlen = 1};
    }
    return s;
}

int main(int argc, char **argv) {
    const char *server = "127.0.0.1", *names = NULL;
    struct in_addr first = {htonl(INADDR_LOOPBACK)};
    int port = 53, flood = 0, option;
    double seconds = 1;
    uint64_t window = 0, rate = 0;
    uint32_t sources = 1;
    while ((option = getopt(argc, argv, "s:p:d:l:a:c:q:Q:f:i:r")) != -1) {
        switch (option) {
            case 's': server = optarg; break;
            case 'p': port = atoi(optarg); break;
            case 'd': names = optarg; break;
            case 'l': seconds = atof(optarg); break;
            case 'a': if (inet_pton(AF_INET, optarg, &first) != 1) { return 2; } break;
            case 'c': sources = (uint32_t)atoi(optarg); break;
            case 'q': window = (uint64_t)atoi(optarg); break;
            case 'f': flood = 1; /* fall through */
            case 'Q': rate = (uint64_t)atoi(optarg); break;
            case 'i': interval_us = (uint64_t)atoi(optarg) * 1000; break;
            case 'r': renew = 1; break;
            default: return 2;
        }
    }
    if (!names || sources == 0 || window > IDS / 2 || (window == 0 && rate == 0 && !flood)) {
        fprintf(stderr, "usage: spreader -s SERVER -p PORT -d NAMES -l SECONDS (-q N | -Q RATE | -f RATE)\n");
        return 2;
    }
    read_names(names);
    int s = open_socket(server, port);
    prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    struct pollfd readable = {.fd = s, .events = POLLIN};
    uint64_t now = began = now_us(), end = began + (uint64_t)(seconds * 1e6);
    for (; now < end; now = now_us()) {
        uint64_t want = BATCH;
        if (window > 0) {
            uint64_t outstanding = sent - completed - lost;
            want = outstanding < window ? window - outstanding : 0;
        } else if (rate > 0) {
            uint64_t due = (now - began) * rate / 1000000;
            want = due > sent ? due - sent : 0;
        }
        if (want > 0) {
            send_batch(s, want < BATCH ? (unsigned)want : BATCH, ntohl(first.s_addr), sources);
        }
        int came = receive(s);
        give_up(now);
        if (!came && (window > 0 || rate > 0)) {
            /* Until an answer comes, or the next question is due. */
            uint64_t due_at = rate > 0 ? began + (sent + 1) * 1000000 / rate : now + 1000;
            struct timespec wait = {.tv_nsec = due_at > now ? (long)(due_at - now > 1000 ? 1000 : due_at - now) * 1000 : 0};
            ppoll(&readable, 1, &wait, NULL);
        }
    }
    uint64_t stopped = now_us();
    uint64_t patience = stopped + (flood ? 0 : PATIENCE_US);
    while (oldest < sent && now_us() < patience) {
        if (!receive(s)) {
            poll(&readable, 1, 10);
        }
        give_up(now_us());
    }
    for (; oldest < sent; oldest++) {
        lost += sent_at[oldest % IDS] != 0;
    }
    printf("sent %lu\ncompleted %lu\nlost %lu\nseconds %.6f\np50 %u\np99 %u\np999 %u\nmax %u\n", sent, completed, lost,
           (double)(stopped - began) / 1e6, percentile(0.5), percentile(0.99), percentile(0.999), percentile(1));
    printf("noerror %lu\nservfail %lu\nnxdomain %lu\nrefused %lu\nrecords %lu\n", rcodes[0], rcodes[2], rcodes[3],
           rcodes[5], records);
    for (uint64_t i = 0; interval_us && i * interval_us < stopped - began && i < INTERVALS; i++) {
        printf("interval %lu %u %u %u\n", i, intervals[i].sent, intervals[i].answered, intervals[i].slowest);
    }
    return 0;
}
