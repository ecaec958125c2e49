// Reports about recipients of the test ledgers, r2@x.test on line 2 and so on.

/** The token of the recipient on a line. */
export function tokenOf(line: number): string {
  return `${line}`.padStart(32, "a");
}

/** What a report says; by default a hard bounce of r2@x.test that returns nothing of ours. */
export interface ReportInput {
  readonly id?: string;
  readonly to?: string;
  readonly status?: string;
  readonly action?: string;
  readonly returned?: string;
  readonly path?: string;
  readonly date?: string;
}

/** A report of RFC 3464 about one recipient. */
export function report(
  {
    id = "1@mx",
    to = "r2@x.test",
    status = "5.1.1",
    action = "failed",
    returned = "",
    path = "news@acme.example",
    date = "Tue, 24 Nov 2026 04:00:00 +0000",
  }: ReportInput,
): string {
  return `From: MAILER-DAEMON@mx.example
To: <${path}>
Date: ${date}
Message-ID: <${id}>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ${to}
Action: ${action}
Status: ${status}
Diagnostic-Code: smtp; 550 ${status} no

--b
Content-Type: text/rfc822-headers

Subject: x
${returned === "" ? "X: y" : `Message-ID: <${returned}>`}

--b--
`;
}

/** A complaint about the mail to the recipient on a line. */
export function complaint(line: number): string {
  return `From: feedback@x.test
Message-ID: <complaint-${line}@x.test>
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse

--b
Content-Type: text/rfc822-headers

Message-ID: <${tokenOf(line)}@acme.example>

--b--
`;
}
