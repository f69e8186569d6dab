"""Answers on every given protocol:port:address with its own address and port, until it is killed."""

import selectors
import socket
import sys

selector = selectors.DefaultSelector()


def say(sock):
    address = sock.getsockname()
    return ("answer %s %d\n" % (address[0], address[1])).encode()


def accept(listener):
    sock, _ = listener.accept()
    selector.register(sock, selectors.EVENT_READ, echo)


def echo(sock):
    try:
        data = sock.recv(2000)
    except OSError:
        data = b""
    if data:
        sock.send(say(sock))
    else:
        selector.unregister(sock)
        sock.close()


def datagram(sock):
    try:
        _, peer = sock.recvfrom(2000)
        sock.sendto(say(sock), peer)
    except OSError:
        pass


for argument in sys.argv[1:]:
    protocol, port, address = argument.split(":", 2)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    tcp = protocol == "tcp"
    made = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, int(port)))
    if tcp:
        made.listen(16)
    selector.register(made, selectors.EVENT_READ, accept if tcp else datagram)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        key.data(key.fileobj)
