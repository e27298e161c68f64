// The workloads of the guides to sync.Pool as Go programs have them: plain, where every operation allocates, and
// pool, where it takes what it needs from a sync.Pool. Each has a program in C beside it that does the same.
package guides

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"
)

var sink uint64

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// withBuffer runs one operation on an empty buffer, fresh or from the pool.
func withBuffer(pooled bool, operation func(*bytes.Buffer)) {
	if !pooled {
		operation(new(bytes.Buffer))
		return
	}
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	operation(buffer)
	buffers.Put(buffer)
}

// both runs a benchmark in both ways, as plain and as pool.
func both(b *testing.B, run func(b *testing.B, pooled bool)) {
	b.Run("plain", func(b *testing.B) { run(b, false) })
	b.Run("pool", func(b *testing.B) { run(b, true) })
}

func appendNumber(buffer *bytes.Buffer, number int) {
	var digits [20]byte
	buffer.Write(strconv.AppendInt(digits[:0], int64(number), 10))
}

func BenchmarkLog(b *testing.B) {
	both(b, func(b *testing.B, pooled bool) {
		for i := 0; i < b.N; i++ {
			withBuffer(pooled, func(line *bytes.Buffer) {
				line.WriteString("2006-01-02T15:04:05Z level=info msg=\"request served\" path=/search?q=flowers&page=")
				appendNumber(line, i%1000)
				line.WriteString(" status=200 bytes=")
				appendNumber(line, i*7919%65536)
				line.WriteString(" client=192.0.2.17 took_us=")
				appendNumber(line, i%9973)
				line.WriteString("\n")
				sink += uint64(line.Len())
			})
		}
	})
}

func BenchmarkHTTP(b *testing.B) {
	both(b, func(b *testing.B, pooled bool) {
		for i := 0; i < b.N; i++ {
			withBuffer(pooled, func(body *bytes.Buffer) {
				body.WriteString("<html><body><table>\n")
				for row := 0; row < 40; row++ {
					body.WriteString("<tr><td>")
					appendNumber(body, row)
					body.WriteString("</td><td>an item of the list, number ")
					appendNumber(body, i%1000+row)
					body.WriteString("</td></tr>\n")
				}
				body.WriteString("</table></body></html>\n")
				withBuffer(pooled, func(response *bytes.Buffer) {
					response.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ")
					appendNumber(response, body.Len())
					response.WriteString("\r\nX-Request: ")
					appendNumber(response, i%1000)
					response.WriteString("\r\n\r\n")
					response.Write(body.Bytes())
					sink += uint64(response.Len())
				})
			})
		}
	})
}

type item struct {
	Name   string `json:"name"`
	Price  int    `json:"price"`
	Amount int    `json:"amount"`
	Ready  bool   `json:"ready"`
}

type order struct {
	ID       int     `json:"id"`
	Customer string  `json:"customer"`
	Items    []*item `json:"items"`
}

func sampleOrder() *order {
	sample := &order{ID: 4711, Customer: "Ada \"the first\" Lovelace"}
	for i := 0; i < 10; i++ {
		sample.Items = append(sample.Items, &item{"a flower pot of clay", 1999 + i, i + 1, i%2 == 0})
	}
	return sample
}

func BenchmarkJSONEncode(b *testing.B) {
	sample := sampleOrder()
	both(b, func(b *testing.B, pooled bool) {
		for i := 0; i < b.N; i++ {
			withBuffer(pooled, func(text *bytes.Buffer) {
				sample.ID = i % 100000
				if err := json.NewEncoder(text).Encode(sample); err != nil {
					b.Fatal(err)
				}
				sink += uint64(text.Len())
			})
		}
	})
}

var orders = sync.Pool{New: func() any { return new(order) }}

func BenchmarkJSONDecode(b *testing.B) {
	text, err := json.Marshal(sampleOrder())
	if err != nil {
		b.Fatal(err)
	}
	both(b, func(b *testing.B, pooled bool) {
		for i := 0; i < b.N; i++ {
			into := new(order)
			if pooled {
				into = orders.Get().(*order)
				into.Items = into.Items[:0] // Decode fills the items that are still there
			}
			if err := json.Unmarshal(text, into); err != nil || len(into.Items) != 10 {
				b.Fatal(err)
			}
			sink += uint64(into.ID)
			if pooled {
				orders.Put(into)
			}
		}
	})
}

var blocks = sync.Pool{New: func() any { block := make([]byte, 32768); return &block }}

// Only the methods named: io.Copy would otherwise have the kernel copy, without a buffer.
type onlyReader struct{ io.Reader }
type onlyWriter struct{ io.Writer }

func scratchFile(b *testing.B) *os.File {
	file, err := os.CreateTemp(os.Getenv("BENCH_FOLDER"), "copy-*")
	if err != nil {
		b.Fatal(err)
	}
	os.Remove(file.Name())
	b.Cleanup(func() { file.Close() })
	return file
}

func BenchmarkCopy(b *testing.B) {
	from, to := scratchFile(b), scratchFile(b)
	if err := from.Truncate(262144); err != nil {
		b.Fatal(err)
	}
	both(b, func(b *testing.B, pooled bool) {
		for i := 0; i < b.N; i++ {
			from.Seek(0, io.SeekStart)
			to.Seek(0, io.SeekStart)
			var length int64
			var err error
			if pooled {
				block := blocks.Get().(*[]byte)
				length, err = io.CopyBuffer(onlyWriter{to}, onlyReader{from}, *block)
				blocks.Put(block)
			} else {
				length, err = io.Copy(onlyWriter{to}, onlyReader{from})
			}
			if err != nil || length != 262144 {
				b.Fatal(length, err)
			}
		}
	})
}

// A pointer goes into the pool: a slice would itself be allocated on its way in.
var pages = sync.Pool{New: func() any { return new([4096]byte) }}

//go:noinline
func freshPage() *[4096]byte { return new([4096]byte) }

func takePage(pooled bool) *[4096]byte {
	if pooled {
		return pages.Get().(*[4096]byte)
	}
	return freshPage()
}

func givePage(pooled bool, page *[4096]byte) {
	if pooled {
		pages.Put(page)
	}
}

func usePage(page *[4096]byte, number int) uint64 {
	page[0], page[2048], page[4095] = byte(number), byte(number), byte(number)
	return uint64(page[2048])
}

func BenchmarkBuffer(b *testing.B) {
	both(b, func(b *testing.B, pooled bool) {
		for i := 0; i < b.N; i++ {
			page := takePage(pooled)
			sink += usePage(page, i)
			givePage(pooled, page)
		}
	})
}

func BenchmarkBufferParallel(b *testing.B) {
	both(b, func(b *testing.B, pooled bool) {
		b.RunParallel(func(pb *testing.PB) {
			sum := uint64(0)
			for pb.Next() {
				page := takePage(pooled)
				sum += usePage(page, 1)
				givePage(pooled, page)
			}
			_ = sum
		})
	})
}

func BenchmarkBufferBatch(b *testing.B) {
	both(b, func(b *testing.B, pooled bool) {
		var batch [64]*[4096]byte
		for i := 0; i < b.N; i++ {
			for j := range batch {
				batch[j] = takePage(pooled)
				sink += usePage(batch[j], i+j)
			}
			for j := range batch {
				givePage(pooled, batch[j])
				batch[j] = nil
			}
		}
	})
}
