/**
 * Who may call the control API.
 *
 * <p>In: a name, a role, an org. Out: a secret, told once. Only its SHA-256 is kept: the secret is
 * 32 random bytes, so that a hash without salt cannot be guessed back. A revoked or expired token
 * is no token.
 */
@NullMarked
package io.sallyport.sync.token;

import org.jspecify.annotations.NullMarked;
