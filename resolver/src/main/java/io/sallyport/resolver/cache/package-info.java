/**
 * Checked answers, kept while they are fresh, and longer for when nothing better can be had. In
 * come a question and its answer, out comes the answer or nothing; who asked is not known here,
 * because the verdict was taken before.
 *
 * <p>Bounded by octets, not entries, with a window that one-time names cannot get through
 * (S3-FIFO): an agent who asks for random names below an allowed one displaces other random names.
 * Denials and failures have a quarter of the room at most. Keys are hashed with a secret, so nobody
 * can choose names that collide. What is kept is octets in chunks: a full cache is a thousand
 * objects, which no collection stops for.
 */
@NullMarked
package io.sallyport.resolver.cache;

import org.jspecify.annotations.NullMarked;
