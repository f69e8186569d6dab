/**
 * What a server still has to answer when it closes. In: each call while it is served. Out: whether
 * all of them were over within some time. Nothing here keeps new calls out; that is the server's.
 */
@NullMarked
package io.sallyport.sync.underway;

import org.jspecify.annotations.NullMarked;
