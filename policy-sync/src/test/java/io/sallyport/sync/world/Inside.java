package io.sallyport.sync.world;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.sallyport.iptables.netns.Netns;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Code of this JVM inside a namespace: sockets that it opens there stay there, whoever uses them.
 */
final class Inside {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int READ_ONLY_CLOSE_ON_EXEC = 0x80000;
    private static final Linker LINKER = Linker.nativeLinker();

    @SuppressWarnings("restricted") // the C library is how a thread enters a namespace
    private static final MethodHandle OPEN =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                    Linker.Option.firstVariadicArg(2));

    @SuppressWarnings("restricted") // as above
    private static final MethodHandle CLOSE =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("close"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    @SuppressWarnings("restricted") // as above
    private static final MethodHandle SETNS =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("setns"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private Inside() {}

    /** Runs the task on a thread of its own that has entered the namespace. */
    static <T> T call(Netns netns, Callable<T> task) {
        FutureTask<T> future =
                new FutureTask<>(() -> {
                    enter(netns.name());
                    return task.call();
                });
        Thread.ofPlatform().name("inside-" + netns.name()).start(future);
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            throw new AssertionError("inside " + netns.name(), e.getCause());
        }
    }

    private static void enter(String name) {
        try (Arena arena = Arena.ofConfined()) {
            int file =
                    (int)
                            OPEN.invokeExact(
                                    arena.allocateFrom("/run/netns/" + name),
                                    READ_ONLY_CLOSE_ON_EXEC);
            int status = (int) SETNS.invokeExact(file, CLONE_NEWNET);
            int closed = (int) CLOSE.invokeExact(file);
            if (status != 0 || closed != 0) {
                throw new IllegalStateException("cannot enter the namespace " + name);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
