// What Node says of a name, by the system (dns.lookup) or by c-ares (dns.resolve): its addresses, a line each, or a word.
const dns = require('node:dns');
const [how, name, family] = process.argv.slice(2);
const words = { ENOTFOUND: 'not-found', ENODATA: 'no-data', EAI_AGAIN: 'later', ETIMEOUT: 'later', ESERVFAIL: 'later' };
const done = (error, found) =>
    console.log(error ? words[error.code] ?? String(error) : found.map((entry) => entry.address ?? entry).join('\n'));
if (how === 'lookup') {
    dns.lookup(name, { all: true, family: family === 'any' ? 0 : Number(family) }, done);
} else if (family === '6') {
    dns.resolve6(name, done);
} else {
    dns.resolve4(name, done);
}
