package io.sallyport.sync.report;

import io.sallyport.sync.report.Reports.Control;
import io.sallyport.sync.report.Reports.NoReports;
import io.sallyport.sync.report.Reports.NotUnderstood;
import io.sallyport.sync.report.Reports.Orders;
import io.sallyport.sync.report.Reports.Report;
import io.sallyport.sync.uplink.Uplink;
import io.sallyport.sync.uplink.Uplink.Answer;
import java.io.IOException;
import java.time.Duration;

/** Reports to a control server. */
final class HttpControl implements Control {
    /** A report that takes longer is given up; what it told is told again. */
    private static final Duration WITHIN = Duration.ofSeconds(2);

    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int TOO_LARGE = 413;
    private static final int UNPROCESSABLE = 422;

    private final Uplink uplink;
    private final String path;

    HttpControl(Uplink uplink, String node) {
        this.uplink = uplink;
        this.path = "/v1/nodes/" + Reports.node(node) + "/report";
    }

    @Override
    public Orders report(Report report) throws IOException {
        Answer answer = uplink.post(path, ReportV1.json(report), WITHIN);
        switch (answer.status()) {
            case OK -> {}
            case NOT_FOUND ->
                    throw new NoReports(uplink.name() + " takes no reports and gives no orders");
            case UNAUTHORIZED ->
                    throw new IOException(
                            uplink.name()
                                    + " does not take this node's token; put another into its file");
            case BAD_REQUEST, TOO_LARGE, UNPROCESSABLE ->
                    throw new NotUnderstood(
                            uplink.name()
                                    + " does not understand a report: status "
                                    + answer.status());
            default ->
                    throw new IOException(
                            uplink.name() + " answers a report with status " + answer.status());
        }
        try {
            return ReportV1.orders(answer.body());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    uplink.name() + " sent orders that cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        uplink.close();
    }
}
