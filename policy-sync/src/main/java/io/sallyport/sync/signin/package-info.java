/**
 * How a person gets into the console, and who a browser's request is from afterwards.
 *
 * <pre>
 * GET  /signin            state, nonce, PKCE verifier kept ─▶ off to the provider
 * GET  /signin/callback   state of this browser? ─▶ code for ID token ─▶ verified ─▶ groups ─▶ role ─▶ browser session
 * POST /signin            {"token": …} from the console's form ─▶ browser session
 * POST /signout           the session is gone
 * </pre>
 *
 * <p>OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636), as RFC 9700 wants it. A
 * session is a row in the store, found by the hash of a cookie's value, so several control servers
 * agree and a sign-out is one. Whoever maps to no role gets no session; what cannot be checked is
 * refused. Secrets, codes and cookies are never logged and never shown.
 */
@NullMarked
package io.sallyport.sync.signin;

import org.jspecify.annotations.NullMarked;
