/**
 * Whose a pod says it is. In: its labels and annotations. Out: a {@link
 * io.sallyport.sync.claim.Claim}, or what is wrong with them. Whether the pod may say so is not
 * known here: control knows which orgs the pods of a namespace may name.
 */
@NullMarked
package io.sallyport.sync.claim;

import org.jspecify.annotations.NullMarked;
