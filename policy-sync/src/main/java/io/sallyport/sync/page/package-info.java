/**
 * The page that a sandbox reads: {@code http://169.254.53.53/explain?name=…}.
 *
 * <p>In: a request from a sandbox, which is hostile. Out: what holds for the name in that sandbox's
 * own session, as text for people and agents or as JSON, and nothing about any other. One request a
 * connection, a few connections a network, a few seconds each; the kernel's rules let a sandbox
 * reach this port and no other of the host.
 */
@NullMarked
package io.sallyport.sync.page;

import org.jspecify.annotations.NullMarked;
