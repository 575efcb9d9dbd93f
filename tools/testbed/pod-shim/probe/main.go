// Command probe is the container of the stand-in's own tests: it tells what a process in a container sees.
//
//	probe STEP...    in order: cat=FILE, ls=FOLDER, write=FILE, env=NAME, say=TEXT, err=TEXT, until=FILE (is there),
//	             wait (until SIGTERM, then 0), exit=CODE
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	for _, step := range os.Args[1:] {
		what, value, _ := strings.Cut(step, "=")
		switch what {
		case "cat":
			text, err := os.ReadFile(value)
			tell(value, strings.TrimSpace(string(text)), err)
		case "ls":
			entries, err := os.ReadDir(value)
			names := make([]string, len(entries))
			for index, entry := range entries {
				names[index] = entry.Name()
			}
			tell(value, strings.Join(names, " "), err)
		case "write":
			tell("write "+value, "done", os.WriteFile(value, []byte("probe\n"), 0o644))
		case "env":
			fmt.Println(value + "=" + os.Getenv(value))
		case "say":
			fmt.Println(value)
		case "err":
			fmt.Fprintln(os.Stderr, value)
		case "until":
			for {
				if _, err := os.Stat(value); err == nil {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
		case "wait":
			<-stop
			fmt.Println("told to stop")
			os.Exit(0)
		case "exit":
			code, _ := strconv.Atoi(value)
			os.Exit(code)
		}
	}
}

func tell(what, answer string, err error) {
	if err != nil {
		answer = err.Error()
	}
	fmt.Println(what + ": " + answer)
}
