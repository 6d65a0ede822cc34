package media

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// planted is what no rendition may hold: a name, a place, a device, in whatever way a format says such things.
const planted = "PLANTED-Zhang-35.7612N"

// sample is a file with something planted in it.
type sample struct {
	name    string
	kind    Kind
	format  *Format
	content []byte
	plants  int // how many are in it as they are; packed ones do not show
}

func picture() image.Image {
	m := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.Black, color.White, color.RGBA{200, 30, 30, 255}})
	for i := range m.Pix {
		m.Pix[i] = uint8(i * 7 % 3)
	}
	return m
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func samples(t testing.TB) []sample {
	return []sample{
		{"jpeg", Photo, JPEG, jpegSample(t), 6},
		{"png", Photo, PNG, pngSample(t), 5},
		{"gif", Photo, GIF, gifSample(t), 3},
		{"webp", Photo, WebP, webpSample(t), 3},
		{"heic", Photo, HEIC, heicSample(), 5},
		{"webm", Voice, WebM, webmSample(), 5},
		{"mp4", Voice, MP4, mp4Sample("soun"), 5},
		{"ogg", Voice, Ogg, oggSample("OpusHead", "OpusTags"), 2},
		{"vorbis", Voice, Ogg, oggSample("\x01vorbis", "\x03vorbis"), 2},
		{"mp3", Voice, MP3, mp3Sample(), 3},
		{"amr", Voice, AMR, append([]byte("#!AMR\n"), append(bytes.Repeat(append([]byte{0x3c}, make([]byte, 31)...), 5), "\xff"+planted...)...), 1},
		{"wav", Voice, WAV, wavSample(), 3},
		{"pdf", Document, PDF, pdfSample(), 5},
		{"docx", Document, DOCX, docxSample(t), 0},
		{"xlsx", Document, XLSX, xlsxSample(t), 0},
		{"text", Document, Text, []byte("停电两天，订单交不出去。\r\n"), 0},
		{"text in its national code", Document, Text, []byte("\xcd\xa3\xb5\xe7\xc1\xbd\xcc\xec\xa1\xa3\n"), 0},
		{"picture as a document", Document, PNG, pngSample(t), 5},
	}
}

const turned = 6 // by a quarter

// exifPlanted is an EXIF block with a direction and more.
func exifPlanted() []byte { return append(exifOf(turned), planted...) }

func jpegSample(t testing.TB) []byte {
	plain := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, picture(), nil) })
	segment := func(mark byte, payload string) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(payload)+2)), payload...)
	}
	b := []byte{0xff, markSOI}
	b = append(b, segment(markAPP0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"+planted)...)
	b = append(b, segment(markAPP1, "Exif\x00\x00"+string(exifPlanted()))...)
	b = append(b, segment(markAPP1, "http://ns.adobe.com/xap/1.0/\x00"+planted)...)
	b = append(b, segment(0xed, "Photoshop 3.0\x00"+planted)...)
	b = append(b, segment(0xfe, planted)...)
	return append(append(b, plain[2:]...), "PK\x03\x04<html>"+planted...)
}

func pngSample(t testing.TB) []byte {
	plain := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, picture()) })
	b := bytes.Clone(plain[:33])
	b = append(b, pngChunk("tEXt", []byte("Author\x00"+planted))...)
	b = append(b, pngChunk("eXIf", exifPlanted())...)
	b = append(b, pngChunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+planted))...)
	b = append(b, pngChunk("prVt", []byte(planted))...)
	return append(append(b, plain[33:]...), planted...)
}

func gifSample(t testing.TB) []byte {
	plain := encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, picture(), nil) })
	at := gifHead + 3<<(plain[10]&7+1)
	b := bytes.Clone(plain[:at])
	b = append(b, "\x21\xfe"+string(rune(len(planted)))+planted+"\x00"...)
	b = append(b, "\x21\xff\x0bXMP DataXMP"+string(rune(len(planted)))+planted+"\x00"...)
	return append(append(b, plain[at:]...), planted...)
}

func riffChunk(name, payload string) string {
	if len(payload)&1 == 1 {
		return name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))) + payload + "\x00"
	}
	return name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))) + payload
}

func webpSample(t testing.TB) []byte {
	plain, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	body := "WEBP" + riffChunk("VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00") + string(plain[12:]) + riffChunk("EXIF", string(exifPlanted())) +
		riffChunk("XMP ", planted)
	return append([]byte(riffChunk("RIFF", body)), planted...)
}

func wavSample() []byte {
	format := "\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
	return append([]byte(riffChunk("RIFF", "WAVE"+riffChunk("fmt ", format)+riffChunk("LIST", "INFOIART"+planted)+riffChunk("data", "sounds")+
		riffChunk("id3 ", planted))), planted...)
}

func boxOf(name string, parts ...string) string {
	inside := strings.Join(parts, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(inside)+8))) + name + inside
}

func heicSample() []byte {
	infe := func(id byte, kind, more string) string {
		return boxOf("infe", "\x02\x00\x00\x00\x00"+string(rune(id))+"\x00\x00"+kind, more)
	}
	file := func(pictureAt, exifAt int) string {
		iloc := boxOf("iloc", "\x00\x00\x00\x00\x44\x00\x00\x02",
			"\x00\x01\x00\x00\x00\x01"+string(be32(pictureAt))+string(be32(7)), "\x00\x02\x00\x00\x00\x01"+string(be32(exifAt))+string(be32(len(planted))))
		return boxOf("ftyp", "heic\x00\x00\x00\x00mif1heic") +
			boxOf("meta", "\x00\x00\x00\x00", boxOf("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00pict", strings.Repeat("\x00", 13)), boxOf("pitm", "\x00\x00\x00\x00\x00\x01"),
				boxOf("iinf", "\x00\x00\x00\x00\x00\x02", infe(1, "hvc1", planted+"\x00"), infe(2, "Exif", "\x00")), iloc,
				boxOf("iprp", boxOf("ipco", boxOf("ispe", "\x00\x00\x00\x00"+string(be32(40))+string(be32(30))), boxOf("irot", "\x01"), boxOf("udes", planted)))) +
			boxOf("mdat", "picture"+planted) + boxOf("mpvd", planted) + boxOf("free", planted)
	}
	head := strings.Index(file(0, 0), "picture")
	return []byte(file(head, head+7))
}

func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func mp4Sample(handler string) []byte {
	times := strings.Repeat("\x01", 8)
	return []byte(boxOf("ftyp", "M4A \x00\x00\x00\x00") +
		boxOf("moov", boxOf("mvhd", "\x00\x00\x00\x00"+times+strings.Repeat("\x00", 88)), boxOf("udta", boxOf("\xa9xyz", planted)),
			boxOf("trak", boxOf("tkhd", "\x00\x00\x00\x00"+times+strings.Repeat("\x00", 72)), boxOf("meta", planted),
				boxOf("mdia", boxOf("mdhd", "\x00\x00\x00\x00"+times+strings.Repeat("\x00", 12)),
					boxOf("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00"+handler+strings.Repeat("\x00", 12)+planted+"\x00"),
					boxOf("minf", boxOf("smhd", "\x00\x00\x00\x00\x00\x00\x00\x00"), boxOf("stbl", boxOf("stco", "\x00\x00\x00\x00\x00\x00\x00\x00")))))) +
		boxOf("mdat", "sounds") + boxOf("uuid", planted) + boxOf("free", planted))
}

func ebml(id string, parts ...string) string {
	inside := strings.Join(parts, "")
	return id + string([]byte{0x40 | byte(len(inside)>>8), byte(len(inside))}) + inside
}

func webmSample() []byte {
	const unknown = "\x01\xff\xff\xff\xff\xff\xff\xff"
	return []byte(ebml("\x1a\x45\xdf\xa3", ebml("\x42\x82", "webm")) + "\x18\x53\x80\x67" + unknown +
		ebml("\x15\x49\xa9\x66", ebml("\x2a\xd7\xb1", "\x0f\x42\x40"), ebml("\x7b\xa9", planted), ebml("\x57\x41", "Chrome")) +
		ebml("\x16\x54\xae\x6b", ebml("\xae", ebml("\xd7", "\x01"), ebml("\x83", "\x02"), ebml("\x53\x6e", planted), ebml("\x86", "A_OPUS"))) +
		ebml("\x12\x54\xc3\x67", planted+strings.Repeat(" ", 200)) + ebml("\xec", planted) +
		"\x1f\x43\xb6\x75" + unknown + ebml("\xe7", "\x00") + ebml("\xa3", "\x81\x00\x00\x80sounds") + ebml("\x19\x41\xa4\x69", planted) +
		"\x1f\x43\xb6\x75" + unknown + ebml("\xe7", "\x01") + ebml("\xa3", "\x81\x00\x00\x80more"))
}

func oggPageOf(sequence uint32, flags byte, body string, lacing ...byte) string {
	b := append([]byte("OggS\x00"), flags)
	b = append(b, make([]byte, 8)...)
	b = binary.LittleEndian.AppendUint32(b, 7)
	b = binary.LittleEndian.AppendUint32(b, sequence)
	b = append(b, 0, 0, 0, 0, byte(len(lacing)))
	b = append(append(b, lacing...), body...)
	binary.LittleEndian.PutUint32(b[22:], oggSum(b))
	return string(b)
}

func oggSample(head, tags string) []byte {
	comments := tags + "\x04\x00\x00\x00libx\x01\x00\x00\x00" + string(binary.LittleEndian.AppendUint32(nil, 300+uint32(len(planted)))) + planted + strings.Repeat("x", 300)
	if head[0] == 1 {
		comments += "\x01"
	}
	first, rest := comments[:255], comments[255:]
	return []byte(oggPageOf(0, 2, head+strings.Repeat("\x00", 11), byte(len(head)+11)) + oggPageOf(1, 0, first, 255) +
		oggPageOf(2, oggContinued, rest+"sounds", byte(len(rest)), 6) + oggPageOf(3, 4, "sounds", 6) + planted)
}

func mp3Sample() []byte {
	frame := "\xff\xfb\x90\x00" + strings.Repeat("s", 413)
	tag := "ID3\x04\x00\x00\x00\x00\x00" + string(rune(len(planted)+4)) + "TPE1" + planted
	return []byte(tag + strings.Repeat(frame, 3) + "TAG" + planted + strings.Repeat("\x00", 125-len(planted)) + "APETAGEX" + planted)
}

func pdfSample() []byte {
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.7\n")
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	stream := func(entries, content string) string {
		return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", entries, len(content), content)
	}
	object("<</Type/Catalog/Pages 2 0 R/Metadata 6 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>")
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<>>/Annots[7 0 R]/PieceInfo<</X<</LastModified(D:20260101)/Private(" + planted + ")>>>>>>")
	object(stream("", "0 0 100 100 re f"))
	object("<</Author(" + planted + ")/Creator(Word)/Title(" + planted + ")>>")
	object(stream("/Type/Metadata/Subtype/XML", "<x:xmpmeta>"+planted+"</x:xmpmeta>"))
	object("<</Type/Annot/Subtype/Text/Rect[0 0 10 10]/Contents(seen)/T(" + planted + ")>>")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info 5 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

func zipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: parts[i], Method: zip.Deflate, Comment: planted})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.SetComment(planted); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const contentTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`

func docxSample(t testing.TB) []byte {
	return zipped(t, "[Content_Types].xml", contentTypes, "docProps/core.xml", "<x><dc:creator>"+planted+"</dc:creator></x>", "docProps/app.xml", planted,
		"word/document.xml", `<w:p><w:ins w:id="1" w:author="`+planted+`" w:date="2026-01-01"><w:t>seen</w:t></w:ins></w:p>`,
		"word/comments.xml", `<w:comment w:author='`+planted+`' w:initials="`+planted+`"><w:t>seen</w:t></w:comment>`,
		"word/media/image1.jpeg", string(jpegSample(t)), "word/embeddings/table.xlsx", string(xlsxSample(t)))
}

func xlsxSample(t testing.TB) []byte {
	return zipped(t, "[Content_Types].xml", contentTypes, "docProps/custom.xml", planted,
		"xl/workbook.xml", `<workbook><fileSharing userName="`+planted+`"/></workbook>`, "xl/tables/table1.xml", `<table displayName="seen"/>`,
		"xl/persons/person.xml", `<person displayName="`+planted+`" id="{1}" userId="`+planted+`"/>`,
		"xl/comments1.xml", `<comments><authors><author>`+planted+`</author></authors><text>seen</text></comments>`)
}
