/**
 * The servers that recurse for us. In comes a question, out goes a checked answer or SERVFAIL with
 * its reason, within the budget and after three queries at most.
 *
 * <pre>
 * Question ─▶ Routes: whose domain ─▶ Exchange ─▶ Group: which server ─▶ Query: made from the question alone
 *                                        ▲                                  │
 *                                        └── Check ◀── match ◀── UdpAttempt / StreamAttempt ◀──▶ server
 * </pre>
 *
 * <p>Every UDP query has a socket of its own, so its port is the kernel's random choice; its id and
 * the case of its letters come from a secure source. What does not match all of it is not an
 * answer, and waiting goes on. TCP and TLS go over kept connections ({@link
 * io.sallyport.resolver.upstream.stream stream}). Nothing of a client's packet gets here.
 */
@NullMarked
package io.sallyport.resolver.upstream;

import org.jspecify.annotations.NullMarked;
