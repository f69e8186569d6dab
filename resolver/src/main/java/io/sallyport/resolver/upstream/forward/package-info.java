/**
 * Domains that have upstreams of their own. In comes {@code .corp.example=10.0.0.53,10.0.1.53}, out
 * goes the pattern and its servers.
 */
@NullMarked
package io.sallyport.resolver.upstream.forward;

import org.jspecify.annotations.NullMarked;
