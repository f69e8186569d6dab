package io.sallyport.sync.cli;

import io.sallyport.sync.doctor.Doctor;
import io.sallyport.sync.doctor.Doctor.Finding;
import io.sallyport.sync.doctor.Doctor.Grade;
import io.sallyport.sync.document.Document;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport doctor}. */
@Command(
        name = "doctor",
        description =
                "Says what is missing on this host, and the fix. Changes nothing; exit 1 if something is missing.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private DataOption data;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Finding> findings = Doctor.examine(data.directory());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(
                    Document.canonical(
                            Map.of(
                                    "findings",
                                    findings.stream()
                                            .map(finding ->
                                                    Map.of(
                                                            "grade",
                                                            word(finding.grade()),
                                                            "what",
                                                            finding.what(),
                                                            "detail",
                                                            finding.detail()))
                                            .toList())));
        } else {
            findings.forEach(finding ->
                    out.printf(
                            "%-8s %-20s %s%n",
                            word(finding.grade()), finding.what(), finding.detail()));
        }
        out.flush();
        boolean missing = findings.stream().anyMatch(finding -> finding.grade() == Grade.MISSING);
        return missing ? Cli.FAILED : Cli.OK;
    }

    private static String word(Grade grade) {
        return grade.name().toLowerCase(Locale.ROOT);
    }
}
