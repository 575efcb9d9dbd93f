package main

import (
	"bytes"
	"errors"
)

var errBroken = errors.New("not an EventList")

// The kinds whose bodies our receiver takes apart before it stores them. None is in the load: both sides only look.
var sensitive = [][]byte{[]byte(`"secrets"`), []byte(`"tokenreviews"`), []byte(`"certificatesigningrequests"`), []byte(`"token"`)}

// scan cuts the items out of an EventList, byte for byte, as EventListScanner does: no document is parsed, each item is walked
// once to its end, its own members are seen on the way, it must have an audit ID, and it is asked whether it may hold credentials.
func scan(body []byte, give func(item []byte, isSensitive bool)) error {
	key := bytes.Index(body, []byte(`"items":[`))
	if key < 0 {
		return errBroken
	}
	at := key + len(`"items":[`)
	for at < len(body) {
		switch body[at] {
		case ' ', '\n', '\t', '\r', ',':
			at++
		case ']':
			return nil
		case '{':
			end, hasID, isSensitive := walk(body, at)
			if end < 0 || !hasID {
				return errBroken
			}
			give(body[at:end], isSensitive)
			at = end
		default:
			return errBroken
		}
	}
	return errBroken
}

// walk finds the end of the object that begins at `at`, and looks at its own members.
func walk(body []byte, at int) (end int, hasID bool, isSensitive bool) {
	depth := 0
	for i := at; i < len(body); {
		switch body[i] {
		case '"':
			close := endOfString(body, i)
			if close < 0 {
				return -1, false, false
			}
			if depth == 1 && close < len(body) && body[close] == ':' {
				name := body[i+1 : close-1]
				if string(name) == "auditID" {
					hasID = true
				} else if string(name) == "objectRef" {
					isSensitive = isSensitiveReference(body[close+1:])
				}
			}
			i = close
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
			if depth == 0 {
				return i, hasID, isSensitive
			}
		default:
			i++
		}
	}
	return -1, false, false
}

func endOfString(body []byte, at int) int {
	for i := at + 1; i < len(body); {
		quote := bytes.IndexByte(body[i:], '"')
		if quote < 0 {
			return -1
		}
		i += quote
		backslashes := 0
		for j := i - 1; j > at && body[j] == '\\'; j-- {
			backslashes++
		}
		i++
		if backslashes%2 == 0 {
			return i
		}
	}
	return -1
}

func isSensitiveReference(value []byte) bool {
	end := bytes.IndexByte(value, '}')
	if end < 0 {
		return false
	}
	for _, each := range sensitive {
		if bytes.Contains(value[:end], each) {
			return true
		}
	}
	return false
}
