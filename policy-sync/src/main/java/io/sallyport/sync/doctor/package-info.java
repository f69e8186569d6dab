/** What this host has and lacks. In: nothing. Out: findings, each with its fix. Changes nothing. */
@NullMarked
package io.sallyport.sync.doctor;

import org.jspecify.annotations.NullMarked;
