/**
 * The world that end-to-end tests play in: namespaces {@code host} and {@code internet}, joined by
 * a cable, and sandboxes behind the host.
 *
 * <p>Without a firewall everything is open, so a test that says "blocked" can fail: every address
 * of the pretend internet answers on every port (TCP as a web server, UDP by an echo, port 53 with
 * an address for any name), and two real or scripted upstreams answer the names of a small root
 * zone. What arrives at the internet is captured. The internet has no uplink, so its addresses may
 * look public.
 */
@NullMarked
package io.sallyport.sync.world;

import org.jspecify.annotations.NullMarked;
