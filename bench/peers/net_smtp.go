// Ten workers, a channel, and net/smtp as it comes: a connection for each mail.
//
// Arguments: PORT WORKERS LIST BODY SUBJECT SENDER.
package main

import (
	"crypto/rand"
	"encoding/csv"
	"encoding/hex"
	"io"
	"log"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	port, list, subject, sender := os.Args[1], os.Args[3], os.Args[5], os.Args[6]
	workers, err := strconv.Atoi(os.Args[2])
	check(err)
	body, err := os.ReadFile(os.Args[4])
	check(err)
	file, err := os.Open(list)
	check(err)
	reader := csv.NewReader(file)
	columns, err := reader.Read()
	check(err)

	rows := make(chan []string, 4*workers)
	var group sync.WaitGroup
	for range make([]struct{}, workers) {
		group.Add(1)
		go func() {
			defer group.Done()
			for row := range rows {
				check(send("127.0.0.1:"+port, sender, row, columns, subject, string(body)))
			}
		}()
	}
	for {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		check(err)
		rows <- row
	}
	close(rows)
	group.Wait()
}

func send(server, sender string, row, columns []string, subject, body string) error {
	values := make([]string, 0, 2*len(columns))
	for at, column := range columns {
		values = append(values, "{{ "+column+" }}", row[at])
	}
	personal := strings.NewReplacer(values...)
	id := make([]byte, 16)
	rand.Read(id)
	mail := "From: " + sender + "\r\nTo: " + row[0] + " <" + row[1] + ">\r\nSubject: " + personal.Replace(subject) +
		"\r\nMessage-ID: <" + hex.EncodeToString(id) + "@example.com>\r\nDate: " + time.Now().Format(time.RFC1123Z) +
		"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
		strings.ReplaceAll(personal.Replace(body), "\n", "\r\n")
	return smtp.SendMail(server, nil, sender, []string{row[1]}, []byte(mail))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
