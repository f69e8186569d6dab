"""Tries one way out and says what came of it: open, refused, or silent, and after how many milliseconds.

probe.py tcp|udp ADDRESS PORT [SOURCE]
probe.py ping ADDRESS
probe.py raw ADDRESS PROTOCOL        a bare packet of another protocol
probe.py fragments ADDRESS PORT      a UDP datagram in fragments
probe.py flood ADDRESS PORT COUNT    UDP datagrams, as many as are answered
probe.py connects ADDRESS PORT COUNT TCP connections at once, as many as open
probe.py hold ADDRESS PORT           a connection: each line on standard input is sent, each answer printed
probe.py serve                       one after the other: each line on standard input is the arguments of one
"""

import errno
import os
import select
import socket
import struct
import sys
import time

WAIT = 0.7

if sys.argv[1] == "serve":
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            sys.argv[1:] = line.split()
            break
        os.waitpid(child, 0)
    else:
        sys.exit(0)

kind, address = sys.argv[1], sys.argv[2]
six = ":" in address
family = socket.AF_INET6 if six else socket.AF_INET
start = time.time()


def end(words):
    print("%s %d" % (words, (time.time() - start) * 1000), flush=True)
    sys.exit(0)


def refused(e):
    if isinstance(e, TimeoutError):
        end("silent - -")
    end("refused %s -" % errno.errorcode.get(e.errno, str(e.errno)))


def port():
    return int(sys.argv[3])


def connect():
    sock = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    sock.settimeout(WAIT)
    if kind != "hold" and len(sys.argv) > 4:
        sock.setsockopt(socket.SOL_IP, 15, 1)  # IP_FREEBIND
        sock.bind((sys.argv[4], 0))
    sock.connect((address, port()))
    return sock


def ask(sock):
    sock.send(b"question\n")
    data = sock.recv(2000).decode().split()
    if not data:
        raise ConnectionResetError(errno.ECONNRESET, "closed")
    return "%s:%s" % (data[1], data[2])


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ping():
    protocol = socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP
    sock = socket.socket(family, socket.SOCK_RAW, protocol)
    sock.settimeout(WAIT)
    body = struct.pack("!BBHHH", 128 if six else 8, 0, 0, 7, 7)
    if not six:
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    sock.sendto(body, (address, 0))
    while True:
        data = sock.recv(2000)
        icmp = data if six else data[20:]
        if icmp[0] == (129 if six else 0):
            end("open pong -")
        if icmp[0] == (1 if six else 3):
            end("refused unreachable%d -" % icmp[1])


def fragments():
    payload = struct.pack("!HHHH", 40000, port(), 8 + 24, 0) + b"x" * 24
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    source = socket.inet_aton(sys.argv[4])
    for offset, more in ((0, 1), (2, 0)):
        part = payload[:16] if more else payload[16:]
        flags = (0x2000 if more else 0) | offset
        header = struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(part), 4711, flags, 64, 17, 0, source, socket.inet_aton(address))
        sock.sendto(header + part, (address, 0))
    end("sent - -")


def flood():
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.setblocking(False)
    sock.connect((address, port()))
    answered = 0
    for _ in range(int(sys.argv[4])):
        try:
            sock.send(b"q")
        except OSError:
            pass
    until = time.time() + 0.5
    while time.time() < until:
        if select.select([sock], [], [], 0.1)[0]:
            try:
                sock.recv(100)
                answered += 1
            except OSError:
                pass
    end("answered %d -" % answered)


def connects():
    socks = []
    for _ in range(int(sys.argv[4])):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex((address, port()))
        socks.append(sock)
    time.sleep(0.1)
    end("answered %d -" % len(select.select([], socks, [], 0)[1]))


def hold():
    sock = connect()
    print("held", flush=True)
    for _ in sys.stdin:
        try:
            print("alive " + ask(sock), flush=True)
        except OSError as e:
            print("dead %s" % (errno.errorcode.get(e.errno, "silent")), flush=True)


try:
    if kind in ("tcp", "udp"):
        end("open %s -" % ask(connect()))
    elif kind == "raw":
        raw = socket.socket(family, socket.SOCK_RAW, int(sys.argv[3]))
        raw.sendto(b"12345678", (address, 0))
        end("sent - -")
    else:
        {"ping": ping, "fragments": fragments, "flood": flood, "connects": connects, "hold": hold}[kind]()
except OSError as e:
    refused(e)
