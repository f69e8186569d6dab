package io.sallyport.sync.control;

import com.google.common.base.Splitter;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.settings.Settings.Risk;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What comes with a change: its reason, and the risks that its author has seen.
 *
 * @param why may be empty
 */
record Terms(String why, Set<Risk.Code> confirmed) {
    Terms {
        confirmed = Set.copyOf(confirmed);
    }

    static Terms read(Document.Fields body) {
        Set<Risk.Code> confirmed = EnumSet.noneOf(Risk.Code.class);
        confirmed.addAll(body.list("confirm", code -> code.textAs(Risk.Code::parse)));
        return new Terms(why(body), confirmed);
    }

    /** Of a request without a body: the codes with commas between them. */
    static Terms ofQuery(Call call) {
        return new Terms(
                call.query("why").orElse(""),
                Splitter.on(',')
                        .omitEmptyStrings()
                        .splitToStream(call.query("confirm").orElse(""))
                        .map(Risk.Code::parse)
                        .collect(Collectors.toUnmodifiableSet()));
    }

    static String why(Document.Fields body) {
        return body.optional("why").map(Document::text).orElse("");
    }

    /**
     * @throws Problem with the risks that were not confirmed
     */
    void check(List<Risk> risks) throws Problem {
        List<Risk> open = risks.stream().filter(risk -> !confirmed.contains(risk.code())).toList();
        if (!open.isEmpty()) {
            List<String> codes = open.stream().map(risk -> risk.code().text()).distinct().toList();
            throw Problem.typed(
                            io.helidon.http.Status.CONFLICT_409,
                            Problem.CONFIRMATION_REQUIRED,
                            "this widens access; read the risks, and if it is meant, send it again with"
                                    + " \"confirm\": [\""
                                    + String.join("\", \"", codes)
                                    + "\"]")
                    .with("risks", Json.of(open.stream().map(Risk::document).toList()));
        }
    }
}
