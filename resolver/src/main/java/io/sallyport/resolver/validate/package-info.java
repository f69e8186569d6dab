/**
 * DNSSEC validation, for those who want it: off by default, because an upstream over DoT can do it.
 *
 * <pre>
 * Question ─▶ Upstreams, unfiltered, DO + CD ─▶ Toll ─▶ dnsjava's validator ─▶ Check once more, filtered ─▶ Answer
 *                          ▲                                  │
 *                          └────── KeyAnswers ◀── DS, DNSKEY ─┘
 * </pre>
 *
 * <p>The validator is no part of an event loop: it runs on a few threads of its own. It sees only
 * messages that this resolver's own checks have taken apart and written afresh, and none that costs
 * more than an honest one (KeyTrap, CVE-2023-50387; NSEC3, CVE-2023-50868). What it does not call
 * secure, or insecure for a reason, is SERVFAIL.
 */
@NullMarked
package io.sallyport.resolver.validate;

import org.jspecify.annotations.NullMarked;
