/**
 * The proof that a server is who it should be (RFC 8310, strict profile). In come what the
 * configuration demands and a certificate chain, out goes a channel handler that lets nothing
 * through before the proof. There is no way around it and never clear text.
 */
@NullMarked
package io.sallyport.resolver.upstream.tls;

import org.jspecify.annotations.NullMarked;
