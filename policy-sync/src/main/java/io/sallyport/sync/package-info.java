/**
 * The program: from an admin's change to a sandbox that can reach what its org allows.
 *
 * <pre>
 * a change    cli ─▶ settings ─▶ org ─▶ store                              every change is a version
 *             browser, program ─▶ control ─▶ access ─▶ the same            cli ─▶ remote ─▶ a server elsewhere
 * a session   cli ─▶ client ─▶ api ─▶ session ─▶ source ─▶ snapshot        pulled once, frozen
 *                                        ├─▶ journal                       what kill -9 must not lose
 *                                        └─▶ enforcement ─▶ resolver, firewall
 * a start     cli ─▶ config ─▶ node ─▶ standing drop, journal, resolver, socket
 * a container cli ─▶ docker ─▶ client                                     what an engine has, by label
 * a report    node ─▶ report ─▶ uplink ─▶ control server ─▶ orders ─▶ session   each second
 * a visit     browser ─▶ control ─▶ signin ─▶ an identity provider, or a token ─▶ browser session
 * a run       cli ─▶ sandbox ─▶ enforcement                                one command, nothing left behind
 * </pre>
 *
 * <p>{@code preset} and {@code document} are the data and its reading, {@code explain} says why,
 * {@code doctor} and {@code probe} look at a host from outside and at a sandbox from inside.
 */
@NullMarked
package io.sallyport.sync;

import org.jspecify.annotations.NullMarked;
