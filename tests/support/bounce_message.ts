/** What a mail server sends back about a mail that it cannot deliver (RFC 3464). */
export function bounceOf(mail: string, address: string, status: string): string {
  return `Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: news@acme.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <${status}-${address}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b/b"

--b/b
Content-Type: text/plain

This is the mail system at host relay.example.

--b/b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; ${address}
Action: failed
Status: ${status}
Diagnostic-Code: smtp; 550 ${status} because

--b/b
Content-Type: message/rfc822

${mail.replaceAll("\r\n", "\n")}
--b/b--
`;
}
