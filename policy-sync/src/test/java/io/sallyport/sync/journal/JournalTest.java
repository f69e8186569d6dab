package io.sallyport.sync.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir private Path base;

    private Path directory;
    private Journal journal;

    @BeforeEach
    void open() throws IOException {
        directory = base.resolve("journal");
        journal = Journal.open(directory);
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        Journal.Entry pending = entry("n-pending", null);
        Journal.Entry bound = entry("n-bound", session());
        journal.write(pending);
        journal.write(bound);

        Journal.Found found = Journal.open(directory).read();

        assertThat(found.entries()).containsExactly(bound, pending);
        assertThat(found.setAside()).isEmpty();
    }

    @Test
    void whatHasNeitherModeNorLeaseIsReadByAVersionThatKnowsNone() throws IOException {
        journal.write(entry("n-1", session()));

        assertThat(Files.readString(directory.resolve("n-1.v1"))).doesNotContain("lease", "mode");
    }

    @Test
    void entriesThatAreWrittenAtOnceAreAllThere() throws Exception {
        List<String> ids = IntStream.range(0, 200).mapToObj(i -> "n-" + i).toList();

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writes = new ArrayList<>();
            for (String id : ids) {
                writes.add(
                        threads.submit(() -> {
                            journal.write(entry(id, session()));
                            return id;
                        }));
            }
            for (Future<?> write : writes) {
                write.get();
            }
        }

        assertThat(journal.read().entries())
                .extracting(Journal.Entry::network)
                .containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void aSecondWriteReplacesTheFirst() throws IOException {
        journal.write(entry("n-1", null));
        journal.write(entry("n-1", session()));

        assertThat(journal.read().entries()).containsExactly(entry("n-1", session()));
    }

    @Test
    void aDeletedEntryIsGone() throws IOException {
        journal.write(entry("n-1", session()));
        journal.delete("n-1");
        journal.delete("n-never-was");

        assertThat(journal.read().entries()).isEmpty();
    }

    @Test
    void setsAsideATruncatedFileAtEveryLengthAndKeepsTheOthers() throws IOException {
        journal.write(entry("n-good", null));
        journal.write(entry("n-cut", session()));
        Path file = directory.resolve("n-cut.v1");
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));

            Journal.Found found = journal.read();

            assertThat(found.entries())
                    .as("cut to %d octets", length)
                    .containsExactly(entry("n-good", null));
            assertThat(found.setAside()).hasSize(1).first().asString().contains("n-cut.v1.corrupt");
        }
        assertThat(directory.resolve("n-cut.v1.corrupt")).exists();
    }

    @Test
    void setsAsideAFileWithOneAlteredOctet() throws IOException {
        journal.write(entry("n-1", session()));
        Path file = directory.resolve("n-1.v1");
        Files.writeString(file, Files.readString(file).replace("10.0.0.2", "10.0.0.3"));

        Journal.Found found = journal.read();

        assertThat(found.entries()).isEmpty();
        assertThat(found.setAside()).singleElement().asString().contains("digest does not match");
    }

    @Test
    void setsAsideASnapshotThatWasAlteredCutShortOrAnothersAlsoOfTheSameDigest()
            throws IOException {
        for (String network : List.of("n-1", "n-2", "n-3", "n-4", "n-5")) {
            journal.write(entry(network, session("{\"v\":1,\"é\":2}")));
        }
        journal.write(entry("n-9", null));
        alter("n-2", "{\"v\":1", "{\"v\":7");
        alter("n-3", ":2}", ":2");
        alter("n-4", ":2}", ":2} ");
        alter("n-9", "\n$", "\n{}");

        Journal.Found found = journal.read();

        assertThat(found.entries())
                .containsExactly(
                        entry("n-1", session("{\"v\":1,\"é\":2}")),
                        entry("n-5", session("{\"v\":1,\"é\":2}")));
        assertThat(found.setAside())
                .hasSize(4)
                .allMatch(each -> each.matches("(?s).*n-[2349]\\.v1\\.corrupt: .*"));
    }

    private void alter(String network, String what, String to) throws IOException {
        Path file = directory.resolve(network + ".v1");
        String before = Files.readString(file);
        String after = before.replaceFirst(what.replace("{", "\\{"), to);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(file, after);
    }

    /** A thousand sessions of an org have one text between them. */
    @Test
    void entriesOfOneSnapshotShareIt() throws IOException {
        journal.write(entry("n-1", session("{\"v\":1}")));
        journal.write(entry("n-2", session("{\"v\":1}")));
        journal.write(entry("n-3", session("{\"v\":2}")));

        List<String> texts =
                journal.read().entries().stream()
                        .map(Journal.Entry::session)
                        .map(session -> Objects.requireNonNull(session).snapshot())
                        .toList();

        assertThat(texts).containsExactly("{\"v\":1}", "{\"v\":1}", "{\"v\":2}");
        assertThat(texts.get(1)).isSameAs(texts.getFirst());
    }

    @Test
    void setsAsideAnEntryUnderAnotherNetworksName() throws IOException {
        journal.write(entry("n-1", session()));
        Files.move(directory.resolve("n-1.v1"), directory.resolve("n-2.v1"));

        assertThat(journal.read().setAside())
                .singleElement()
                .asString()
                .contains("another network");
    }

    @Test
    void ignoresAHalfWrittenNewFileOfACrash() throws IOException {
        journal.write(entry("n-1", null));
        Files.writeString(directory.resolve("n-1.new"), "sallyport-jour");

        assertThat(journal.read().entries()).containsExactly(entry("n-1", null));
        assertThat(directory.resolve("n-1.new")).doesNotExist();
    }

    @Test
    void anEntryThatIsSetAsideIsNotReadAgain() throws IOException {
        journal.write(entry("n-1", session()));

        Path aside = journal.setAside("n-1");

        assertThat(aside).exists();
        assertThat(journal.read()).isEqualTo(new Journal.Found(List.of(), List.of(), List.of()));
    }

    @Test
    void remembersTheLastOfWhatHasEnded() throws IOException {
        List<String> words = IntStream.range(0, 11).mapToObj(i -> "session s-" + i).toList();
        Ended ended = new Ended(base.resolve("ended"), 8);
        for (String word : words) {
            ended.add(word);
        }

        assertThat(new Ended(base.resolve("ended"), 8).read())
                .isEqualTo(words.subList(3, words.size()));
    }

    @Test
    void whatHasEndedGoesOnWhereAnotherRunStoppedInAFileThatDoesNotGrow() throws IOException {
        journal.end("session one");
        long size = Files.size(directory.resolve("ended-1"));
        Journal.open(directory).end("session two");
        journal = Journal.open(directory);
        journal.end("pod three");

        assertThat(journal.read().ended())
                .containsExactly("session one", "session two", "pod three");
        assertThat(Files.size(directory.resolve("ended-1"))).isEqualTo(size);
        assertThatThrownBy(() -> journal.end("x".repeat(Ended.LONGEST + 1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aWordThatIsAlteredOrCutShortIsNoneAndCostsNoOther() throws IOException {
        journal.end("session one");
        journal.end("session two");
        journal.end("session three");
        Path file = directory.resolve("ended-1");
        byte[] octets = Files.readAllBytes(file);
        octets[2 * Ended.SLOT + 14] ^= 1; // number 2 is in slot 2
        Files.write(file, Arrays.copyOf(octets, 3 * Ended.SLOT + 20));

        assertThat(Journal.open(directory).read().ended()).containsExactly("session one");
        Journal.open(directory).end("session four");
        assertThat(Journal.open(directory).read().ended())
                .containsExactly("session one", "session four");
    }

    @Test
    void isReadableByItsOwnerOnly() throws IOException {
        journal.write(entry("n-1", session()));
        journal.end("session s-1");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        for (String file : List.of("n-1.v1", "ended-1")) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(directory.resolve(file))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void refusesANetworkIdThatWouldLeaveTheDirectory() {
        assertThatThrownBy(() -> entry("../n-1", null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void failsWithoutLosingTheOldEntryWhenTheDirectoryIsGone() throws IOException {
        journal.write(entry("n-1", null));
        Files.move(directory, base.resolve("elsewhere"));

        assertThatThrownBy(() -> journal.write(entry("n-1", session())))
                .isInstanceOf(IOException.class);
        Files.move(base.resolve("elsewhere"), directory);
        assertThat(journal.read().entries()).containsExactly(entry("n-1", null));
    }

    private static Journal.Entry entry(String network, Journal.@Nullable Bound session) {
        return new Journal.Entry(
                network, "veth0", List.of("10.0.0.2/32", "fd00::2/128"), true, "abcde", session);
    }

    private static Journal.Bound session() {
        return session("{\"v\":1}");
    }

    private static Journal.Bound session(String snapshot) {
        String digest = Hashing.sha256().hashString(snapshot, StandardCharsets.UTF_8).toString();
        return new Journal.Bound("s-1", "acme", null, 1_700_000_000L, null, null, digest, snapshot);
    }
}
