package io.sallyport.resolver.validate;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.filter.AddressFilter;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.question.Question;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;

/** What dnsjava's validator takes for a resolver: our upstreams, behind the toll. */
final class Head implements Resolver {
    private static final int INDETERMINATE = 5; // RFC 8914 §4.6
    private static final int HEADER = 12;

    private final KeyAnswers keys;
    private final Set<WireName> negativeAnchors;
    private final BooleanSupplier crowded;

    /**
     * @param crowded whether a validation has to be modest
     */
    Head(KeyAnswers keys, List<WireName> negativeAnchors, BooleanSupplier crowded) {
        this.keys = keys;
        this.crowded = crowded;
        this.negativeAnchors = Set.copyOf(negativeAnchors);
    }

    /** The question that fetches everything a signature covers. */
    static Question whole(Question question) {
        return new Question(question.name(), question.type(), true, true, AddressFilter.WHOLE);
    }

    @Override
    public CompletionStage<Message> sendAsync(Message query, Executor executor) {
        Validation validation = (Validation) executor;
        Record asked = query.getQuestion();
        WireName name = Anchors.name(asked.getName());
        Answer raw = validation.raw();
        if (raw != null
                && asked.getType() == validation.question.type()
                && name.equals(validation.question.name())) {
            return parsed(validation, raw);
        }
        if (asked.getType() == Type.DNSKEY && negativeAnchors.contains(name)) {
            return CompletableFuture.completedFuture(noKey(query, asked.getName()));
        }
        if (validation.isOver() || !validation.toll.query()) {
            return CompletableFuture.failedFuture(new Spoilt(validation.spoil(tooMuch())));
        }
        Question question = new Question(name, asked.getType(), true, true, AddressFilter.WHOLE);
        Answer known = validation.told(question);
        if (known == null) {
            known = keys.known(question);
        }
        if (known == null && !validation.toll.departure(crowded.getAsBoolean())) {
            return CompletableFuture.failedFuture(new Spoilt(validation.spoil(crowd())));
        }
        CompletableFuture<Answer> found =
                known == null
                        ? keys.ask(question, validation.loop)
                        : CompletableFuture.completedFuture(known);
        return found.thenApplyAsync(answer -> parse(validation, question, answer), validation);
    }

    private static CompletionStage<Message> parsed(Validation validation, Answer raw) {
        try {
            return CompletableFuture.completedFuture(parse(validation, validation.question, raw));
        } catch (Spoilt e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Only what was written afresh by ourselves is parsed, and only what has paid goes on. */
    private static Message parse(Validation validation, Question question, Answer answer) {
        if (answer.isFailure()) {
            throw new Spoilt(validation.spoil(answer));
        }
        validation.tell(question, answer);
        Message message;
        try {
            message = new Message(octets(question, answer, answer.rcode(), false));
        } catch (IOException e) {
            throw new Spoilt(
                    validation.spoil(
                            Answer.serverFailure(
                                    INDETERMINATE,
                                    "DNSSEC: a record about keys is malformed",
                                    System.nanoTime())),
                    e);
        }
        if (!validation.toll.message(message)) {
            throw new Spoilt(validation.spoil(tooMuch()));
        }
        return message;
    }

    /** The message that this answer came from, as far as it was kept. */
    static byte[] octets(Question question, Answer answer, int rcode, boolean authentic) {
        byte[] name = question.name().octets();
        byte[] body = answer.body();
        byte[] octets = new byte[HEADER + name.length + 4 + body.length];
        octets[2] = (byte) 0x81; // QR, RD
        octets[3] = (byte) (0x80 | (authentic ? 0x20 : 0) | rcode); // RA, AD
        octets[5] = 1;
        octets[6] = (byte) (answer.answers() >>> 8);
        octets[7] = (byte) answer.answers();
        octets[8] = (byte) (answer.authorities() >>> 8);
        octets[9] = (byte) answer.authorities();
        System.arraycopy(name, 0, octets, HEADER, name.length);
        int at = HEADER + name.length;
        octets[at] = (byte) (question.type() >>> 8);
        octets[at + 1] = (byte) question.type();
        octets[at + 3] = 1;
        System.arraycopy(body, 0, octets, at + 4, body.length);
        return octets;
    }

    private static Message noKey(Message query, Name zone) {
        Message message = new Message(query.getHeader().getID());
        message.getHeader().setFlag(Flags.QR);
        message.addRecord(query.getQuestion(), Section.QUESTION);
        message.addRecord(Anchors.noKey(zone), Section.ANSWER);
        return message;
    }

    private static Answer tooMuch() {
        return Answer.serverFailure(
                INDETERMINATE,
                "DNSSEC: the zone asks for more work than an honest one",
                System.nanoTime());
    }

    private static Answer crowd() {
        return Answer.overload(
                "too many answers are being validated for one that asks so much",
                System.nanoTime());
    }

    /** Ends a validation; what it ends with is noted there. */
    @SuppressWarnings("serial") // never leaves this process
    static final class Spoilt extends RuntimeException {
        Spoilt(Answer answer) {
            super(answer.extraText(), null, false, false);
        }

        Spoilt(Answer answer, Throwable cause) {
            super(answer.extraText(), cause, false, false);
        }
    }

    @Override
    public CompletionStage<Message> sendAsync(Message query) {
        throw new UnsupportedOperationException("only as a part of a validation");
    }

    @Override
    public void setPort(int port) {}

    @Override
    public void setTCP(boolean flag) {}

    @Override
    public void setIgnoreTruncation(boolean flag) {}

    @Override
    public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {}

    @Override
    public void setTSIGKey(TSIG key) {}

    @Override
    public void setTimeout(Duration timeout) {}
}
