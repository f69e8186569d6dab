package io.sallyport.sync.sandbox;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Who hears Ctrl-C. */
final class Signals {
    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final MemorySegment SIG_IGN = MemorySegment.ofAddress(1);

    private Signals() {}

    /**
     * From now on Ctrl-C at the terminal reaches the command, which decides, and not this process.
     * Called after the command was started, because a child inherits what is ignored.
     */
    @SuppressWarnings("restricted") // a downcall into the C library: signal(2)
    static void leaveInterruptsToTheCommand() {
        Linker linker = Linker.nativeLinker();
        MethodHandle signal =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("signal"),
                        FunctionDescriptor.of(
                                ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        for (int number : new int[] {SIGINT, SIGQUIT}) {
            try {
                MemorySegment before = (MemorySegment) signal.invokeExact(number, SIG_IGN);
                if (before.address() == -1) {
                    throw new IllegalStateException("signal " + number + " could not be ignored");
                }
            } catch (RuntimeException e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError("signal(2) takes a number and an address", e);
            }
        }
    }
}
