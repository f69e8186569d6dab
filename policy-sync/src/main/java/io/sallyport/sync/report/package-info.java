/**
 * What a node tells the control server, and what it is told to do.
 *
 * <p>In, each second: the sessions that run, and what was decided for them by name. Out: a bounded
 * report, best effort, what found no room counted; and, from the answer to it, ends of sessions and
 * emergency denials, put in force at once and acknowledged with the next report. A session never
 * waits for any of it, and goes on when nobody answers.
 */
@NullMarked
package io.sallyport.sync.report;

import org.jspecify.annotations.NullMarked;
