/*
 * The CNI plugin: a messenger. It carries one call of a container runtime (CNI 0.3.1 to 1.1.0) to the node of this
 * host, over a Unix socket, and prints the node's answer.
 *
 *   environment, standard input ──▶ POST /v1/cni ──▶ node ──▶ standard output, exit code
 *
 * No answer within the time, or one that cannot be read, is an error: the container does not start. Only a DEL succeeds
 * without an answer, so that a pod can be deleted while the node is away: what it leaves ends with the pod's interface,
 * which the node looks for.
 *
 * Everything read is bounded, and nothing is allocated. The configuration is carried as it is, after a look that it is one
 * JSON object and nothing behind it; what it means is the node's affair.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_CONFIG = 1 << 20,  /* a chain's configuration with its result is some kilobytes */
    MAX_VARIABLE = 4096,   /* the longest path there is */
    MAX_HEAD = 16384,      /* an answer's head is some hundred octets */
    MAX_DEPTH = 64,        /* of nested JSON; a result has five levels */
    DEFAULT_SECONDS = 10,  /* a runtime gives a pod minutes */
    MAX_SECONDS = 120,
    CONNECT_MILLIS = 1000, /* a node that is just being replaced listens again by then */
    RETRY_MILLIS = 50,
};

/* Error codes of the CNI specification, section 5. */
enum { INCOMPATIBLE = 1, ENVIRONMENT = 4, INPUT_OUTPUT = 5, UNDECODABLE = 6, INVALID = 7, TRY_AGAIN = 11, LIMITED = 51 };

#define DEFAULT_SOCKET "/run/sallyport/cni.sock"

static const char *const VERSIONS[] = {"0.3.1", "0.4.0", "1.0.0", "1.1.0"};
static const char *const COMMANDS[] = {"ADD", "DEL", "CHECK", "STATUS", "GC", "VERSION"};
static const char *const VARIABLES[][2] = {{"CNI_CONTAINERID", "containerId"}, {"CNI_NETNS", "netns"}, {"CNI_IFNAME", "ifname"},
                                           {"CNI_ARGS", "args"},               {"CNI_PATH", "path"}};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct {
    const char *at;
    size_t length;
} text;

static char config[MAX_CONFIG + 1];
static char request[MAX_CONFIG + COUNT(VARIABLES) * (6 * MAX_VARIABLE + 32) + 1024];
static char answer[MAX_HEAD + MAX_CONFIG + 1];

static const char *version = "1.0.0"; /* of the answer, as asked for */
static const char *command = "";
static long long deadline;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool is(text value, const char *other) {
    return value.length == strlen(other) && memcmp(value.at, other, value.length) == 0;
}

/* ---- what is printed ---- */

static void print(const char *octets, size_t length) {
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, octets, length);
        if (written < 0 && errno != EINTR) _exit(1);
        if (written > 0) {
            octets += written;
            length -= (size_t)written;
        }
    }
}

/* A JSON string of any octets below 0x80, longer ones cut; others as they are. Returns what it took. */
static size_t quote(char *into, const char *from, size_t most) {
    static const char DIGITS[] = "0123456789abcdef";
    char *to = into;
    *to++ = '"';
    for (size_t i = 0; from[i] != 0 && i < most; i++) {
        unsigned char octet = (unsigned char)from[i];
        if (octet == '"' || octet == '\\') {
            *to++ = '\\';
            *to++ = (char)octet;
        } else if (octet < 0x20 || octet == 0x7f) {
            memcpy(to, "\\u00", 4);
            to[4] = DIGITS[octet >> 4];
            to[5] = DIGITS[octet & 15];
            to += 6;
        } else {
            *to++ = (char)octet;
        }
    }
    *to++ = '"';
    return (size_t)(to - into);
}

__attribute__((noreturn)) static void fail(int code, const char *message, const char *details) {
    static char document[2 * (6 * 512 + 2) + 128];
    int begin = snprintf(document, 128, "{\"cniVersion\":\"%s\",\"code\":%d,\"msg\":", version, code);
    char *to = document + begin;
    to += quote(to, message, 512);
    if (details[0] != 0) {
        memcpy(to, ",\"details\":", 11);
        to += 11;
        to += quote(to, details, 512);
    }
    memcpy(to, "}\n", 2);
    print(document, (size_t)(to + 2 - document));
    exit(1);
}

/* Nobody answers. */
__attribute__((noreturn)) static void unanswered(const char *why, const char *details) {
    if (strcmp(command, "DEL") == 0) {
        fprintf(stderr, "sallyport-cni: DEL without the node: %s (%s)\n", why, details);
        exit(0);
    }
    /* Section "STATUS": 51 is for a plugin that is not there and whose containers have less than they should. */
    fail(strcmp(command, "STATUS") == 0 ? LIMITED : TRY_AGAIN, why, details);
}

/* ---- JSON, as far as a messenger needs it ---- */

typedef struct {
    const char *at, *end;
} cursor;

static bool value(cursor *json, int depth);

static char next(cursor *json) {
    while (json->at < json->end && strchr(" \t\r\n", *json->at) != NULL && *json->at != 0) json->at++;
    return json->at < json->end ? *json->at : 0;
}

static bool string(cursor *json, text *inside) {
    if (next(json) != '"') return false;
    const char *begin = ++json->at;
    for (; json->at < json->end; json->at++) {
        if ((unsigned char)*json->at < 0x20) return false;
        if (*json->at == '"') {
            *inside = (text){begin, (size_t)(json->at++ - begin)};
            return true;
        }
        if (*json->at == '\\' && ++json->at == json->end) return false;
    }
    return false;
}

static bool scalar(cursor *json) {
    const char *begin = json->at;
    while (json->at < json->end && strchr(",]}:[{\" \t\r\n", *json->at) == NULL) json->at++;
    return json->at > begin;
}

/* An object's members; where it is the outermost, those with the given names are noted. */
static bool members(cursor *json, int depth, const char *const names[], text values[], size_t count) {
    if (depth > MAX_DEPTH || next(json) != '{') return false;
    json->at++;
    if (next(json) == '}') return json->at++, true;
    for (;;) {
        text key;
        if (!string(json, &key) || next(json) != ':') return false;
        json->at++;
        next(json);
        const char *begin = json->at;
        if (!value(json, depth + 1)) return false;
        for (size_t i = 0; i < count; i++)
            if (is(key, names[i])) values[i] = (text){begin, (size_t)(json->at - begin)};
        char after = next(json);
        json->at++;
        if (after == '}') return true;
        if (after != ',') return false;
    }
}

static bool list(cursor *json, int depth) {
    if (depth > MAX_DEPTH) return false;
    json->at++;
    if (next(json) == ']') return json->at++, true;
    for (;;) {
        if (!value(json, depth + 1)) return false;
        char after = next(json);
        json->at++;
        if (after == ']') return true;
        if (after != ',') return false;
    }
}

static bool value(cursor *json, int depth) {
    text ignored;
    switch (next(json)) {
        case '{': return members(json, depth, NULL, NULL, 0);
        case '[': return list(json, depth);
        case '"': return string(json, &ignored);
        default: return scalar(json);
    }
}

/* Whether this is one object with nothing but space behind it. */
static bool object(const char *octets, size_t length, const char *const names[], text values[], size_t count) {
    cursor json = {octets, octets + length};
    return members(&json, 0, names, values, count) && next(&json) == 0 && json.at == json.end;
}

/* ---- what is read ---- */

static bool waits(int file, short events) {
    for (;;) {
        long long left = deadline - now();
        if (left <= 0) return false;
        struct pollfd look = {file, events, 0};
        int ready = poll(&look, 1, (int)left);
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

static size_t read_config(void) {
    size_t length = 0;
    for (;;) {
        if (!waits(STDIN_FILENO, POLLIN)) fail(INPUT_OUTPUT, "the network configuration did not come on standard input", "");
        ssize_t octets = read(STDIN_FILENO, config + length, sizeof config - length);
        if (octets < 0 && errno != EINTR && errno != EAGAIN) fail(INPUT_OUTPUT, "cannot read standard input", strerror(errno));
        if (octets == 0) return length;
        if (octets > 0) length += (size_t)octets;
        if (length > MAX_CONFIG) fail(INVALID, "the network configuration is larger than 1 MiB", "");
    }
}

static void socket_path(text given, struct sockaddr_un *address) {
    text path = {DEFAULT_SOCKET, sizeof DEFAULT_SOCKET - 1};
    if (given.at != NULL) {
        if (given.length < 3 || given.at[0] != '"' || given.at[1] != '/' || memchr(given.at, '\\', given.length) != NULL)
            fail(INVALID, "\"socket\" should be an absolute path without escapes", "");
        path = (text){given.at + 1, given.length - 2};
    }
    if (path.length >= sizeof address->sun_path) fail(INVALID, "\"socket\" is longer than a Unix socket's path may be", "");
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path.at, path.length);
}

static int seconds(text given) {
    int number = 0;
    for (size_t i = 0; i < given.length; i++) {
        if (given.at[i] < '0' || given.at[i] > '9' || number > MAX_SECONDS) return 0;
        number = 10 * number + given.at[i] - '0';
    }
    return number > MAX_SECONDS ? 0 : number;
}

/* ---- the call ---- */

static size_t write_request(size_t config_length) {
    static char body[sizeof request - 512];
    char *to = body;
    to += sprintf(to, "{\"command\":\"%s\",\"timeoutMillis\":%lld", command, deadline - now());
    for (size_t i = 0; i < COUNT(VARIABLES); i++) {
        const char *variable = getenv(VARIABLES[i][0]);
        if (variable == NULL) continue;
        if (strlen(variable) > MAX_VARIABLE) fail(ENVIRONMENT, "longer than 4096 octets", VARIABLES[i][0]);
        to += sprintf(to, ",\"%s\":", VARIABLES[i][1]);
        to += quote(to, variable, MAX_VARIABLE);
    }
    memcpy(to, ",\"config\":", 10);
    to += 10;
    memcpy(to, config, config_length);
    to += config_length;
    *to++ = '}';
    size_t length = (size_t)(to - body);
    int head = snprintf(request, 512,
                        "POST /v1/cni HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\nConnection: close\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        length);
    memcpy(request + head, body, length);
    return (size_t)head + length;
}

/* A node that is being replaced refuses for a moment. A start of a container waits for it, all else not for long. */
static int connected(const struct sockaddr_un *address) {
    long long patience = now() + CONNECT_MILLIS;
    if (strcmp(command, "ADD") == 0 || patience > deadline) patience = deadline;
    for (;;) {
        int node = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (node < 0) fail(INPUT_OUTPUT, "no socket", strerror(errno));
        if (connect(node, (const struct sockaddr *)address, sizeof *address) == 0) return node;
        int why = errno;
        close(node);
        bool later = why == ENOENT || why == ECONNREFUSED || why == EAGAIN || why == EINTR;
        if (!later || now() + RETRY_MILLIS >= patience) unanswered("the node of this host does not answer", strerror(why));
        poll(NULL, 0, RETRY_MILLIS);
    }
}

static void say(int node, const char *octets, size_t length) {
    while (length > 0) {
        if (!waits(node, POLLOUT)) unanswered("the node of this host did not take the call in time", "");
        ssize_t sent = send(node, octets, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return; /* it may have answered already */
        if (sent > 0) {
            octets += sent;
            length -= (size_t)sent;
        }
    }
}

/* The answer's body, once all of it is there. */
static bool whole(size_t length, int *status, text *body) {
    answer[length] = 0;
    char *end = memmem(answer, length, "\r\n\r\n", 4);
    if (end == NULL) return false;
    size_t head = (size_t)(end + 4 - answer);
    char *announced = strcasestr(answer, "\r\ncontent-length:");
    if (announced == NULL || announced >= end || sscanf(answer, "HTTP/1.1 %3d ", status) != 1) return false;
    char *digits = announced + strlen("\r\ncontent-length:");
    unsigned long long octets = strtoull(digits + strspn(digits, " "), NULL, 10);
    if (octets > MAX_CONFIG || head + octets > length) return false;
    *body = (text){answer + head, (size_t)octets};
    return true;
}

/* False where the node has gone without a word: a call that is told again is answered once. */
static bool hear(int node, int *status, text *body) {
    size_t length = 0;
    for (;;) {
        if (whole(length, status, body)) return true;
        if (length == sizeof answer - 1) unanswered("the node's answer is too long", "");
        if (!waits(node, POLLIN)) unanswered("the node of this host did not answer in time", "");
        ssize_t octets = recv(node, answer + length, sizeof answer - 1 - length, 0);
        if (octets < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (octets <= 0 && length == 0 && strcmp(command, "ADD") == 0) return false;
        if (octets <= 0) unanswered("the node's answer is cut short", octets == 0 ? "" : strerror(errno));
        length += (size_t)octets;
    }
}

static void print_versions(void) {
    char document[128];
    int length = snprintf(document, sizeof document, "{\"cniVersion\":\"%s\",\"supportedVersions\":[\"%s\",\"%s\",\"%s\",\"%s\"]}\n",
                          version, VERSIONS[0], VERSIONS[1], VERSIONS[2], VERSIONS[3]);
    print(document, (size_t)length);
}

int main(void) {
    deadline = now() + DEFAULT_SECONDS * 1000LL;
    const char *asked = getenv("CNI_COMMAND");
    for (size_t i = 0; i < COUNT(COMMANDS); i++)
        if (asked != NULL && strcmp(asked, COMMANDS[i]) == 0) command = COMMANDS[i];
    if (command[0] == 0) fail(ENVIRONMENT, "CNI_COMMAND should be ADD, DEL, CHECK, STATUS, GC or VERSION", "");

    static const char *const NAMES[] = {"cniVersion", "socket", "timeoutSeconds"};
    text known[COUNT(NAMES)] = {{NULL, 0}};
    size_t length = read_config();
    bool readable = object(config, length, NAMES, known, COUNT(NAMES));
    bool compatible = false;
    for (size_t i = 0; i < COUNT(VERSIONS); i++) {
        if (known[0].length == strlen(VERSIONS[i]) + 2 && memcmp(known[0].at + 1, VERSIONS[i], known[0].length - 2) == 0) {
            version = VERSIONS[i];
            compatible = true;
        }
    }
    if (strcmp(command, "VERSION") == 0) return print_versions(), 0;
    if (!readable) fail(UNDECODABLE, "the network configuration on standard input is not one JSON object", "");
    if (!compatible) fail(INCOMPATIBLE, "\"cniVersion\" should be 0.3.1, 0.4.0, 1.0.0 or 1.1.0", "");

    struct sockaddr_un address = {0};
    socket_path(known[1], &address);
    if (known[2].at != NULL) {
        if (seconds(known[2]) == 0) fail(INVALID, "\"timeoutSeconds\" should be 1 to 120", "");
        deadline = now() + seconds(known[2]) * 1000LL;
    }
    int status = 0;
    text body;
    for (;;) {
        int node = connected(&address);
        say(node, request, write_request(length));
        if (hear(node, &status, &body)) break;
        close(node);
        poll(NULL, 0, RETRY_MILLIS);
    }
    if (body.length > 0 && !object(body.at, body.length, NULL, NULL, 0)) {
        char code[32];
        snprintf(code, sizeof code, "status %d", status);
        unanswered("the node's answer is no JSON object", code);
    }
    print(body.at, body.length);
    if (status == 200) return 0;
    if (body.length == 0) unanswered("the node refused without a word", "");
    return 1;
}
