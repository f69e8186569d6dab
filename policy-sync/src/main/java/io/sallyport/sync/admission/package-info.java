/**
 * The mutating admission webhook for pods: {@code POST /webhook/pods}, AdmissionReview v1.
 *
 * <pre>
 * pod ─▶ names an org that its namespace is not mapped to? a session of its own choice? ─▶ refused, with a sentence
 *     ─▶ the org where there is but one, a session's id, resolver, runtime class ─▶ JSON patch
 * </pre>
 *
 * <p>Convenience and an early word: what a pod gets is decided again when its session starts, and
 * rules hold whatever it asks for. No secret comes in or goes out. Bodies are a stranger's: their
 * size, number and depth are bounded, and told twice the answer is the same.
 */
@NullMarked
package io.sallyport.sync.admission;

import org.jspecify.annotations.NullMarked;
