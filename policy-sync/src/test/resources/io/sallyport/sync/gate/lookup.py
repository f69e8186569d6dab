"""What CPython's socket module says of a name: its addresses, a line each, or one word."""

import socket
import sys

FAMILIES = {"4": socket.AF_INET, "6": socket.AF_INET6, "any": socket.AF_UNSPEC}
ERRORS = {socket.EAI_NONAME: "not-found", socket.EAI_NODATA: "no-data", socket.EAI_AGAIN: "later"}

try:
    found = socket.getaddrinfo(sys.argv[1], None, FAMILIES[sys.argv[2]], socket.SOCK_STREAM)
    print("\n".join(entry[4][0] for entry in found))
except socket.gaierror as error:
    print(ERRORS.get(error.errno, str(error)))
