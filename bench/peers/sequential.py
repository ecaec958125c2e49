"""One mail after the other, a connection each, as simple mail merges do: PORT LIST BODY SUBJECT SENDER."""

import csv
import smtplib
import sys
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

port, rows, body, subject, sender = sys.argv[1:6]
letter = open(body, encoding="utf-8").read()


def personal(text, row):
    for column, value in row.items():
        text = text.replace("{{ %s }}" % column, value)
    return text


for row in csv.DictReader(open(rows, encoding="utf-8", newline="")):
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = formataddr((row["Name"], row["Email"]))
    mail["Subject"] = personal(subject, row)
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="example.com")
    mail.set_content(personal(letter, row))
    with smtplib.SMTP("127.0.0.1", int(port)) as server:
        server.send_message(mail)
