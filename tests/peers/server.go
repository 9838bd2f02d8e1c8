// Answers each complete POST like a create, and writes its body down behind the number of the
// server that read it. SIGHUP: Server.Shutdown, while the next server takes over the port.
//
//	server PORT DIRECTORY    DIRECTORY: server.pem, server.key, created.json, go.creates
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	address, directory := "127.0.0.1:"+os.Args[1], os.Args[2]
	created, err := os.ReadFile(directory + "/created.json")
	if err != nil {
		log.Fatal(err)
	}
	creates, err := os.OpenFile(directory+"/go.creates", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		log.Fatal(err)
	}
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	for generation := 1; ; generation++ {
		mine := generation
		server := &http.Server{Addr: address}
		server.Handler = http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			body, err := io.ReadAll(request.Body)
			if err != nil {
				return
			}
			fmt.Fprintf(creates, "%d %s\n", mine, body)
			response.Header().Set("Content-Type", "application/json")
			response.WriteHeader(http.StatusCreated)
			response.Write(created)
		})
		go func() {
			err := server.ListenAndServeTLS(directory+"/server.pem", directory+"/server.key")
			if err != http.ErrServerClosed {
				log.Fatal(err)
			}
		}()
		<-hangUp
		server.Shutdown(context.Background())
	}
}
