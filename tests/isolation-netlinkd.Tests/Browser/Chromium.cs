using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Browser;

/// <summary>A headless Chromium with one page, driven by its DevTools protocol: events go the way that a mouse's and a keyboard's go.</summary>
internal sealed class Chromium : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("chromium");
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private int _id;

    private Chromium()
    {
        _process = Process.Start(new ProcessStartInfo(Program!, [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--window-size=1200,800", $"--user-data-dir={_profile.FullName}",
            "--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0", "about:blank",
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>The program; null where it is not installed.</summary>
    public static string? Program { get; } =
        new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <summary>Skips the test where there is none; in CI, which installs it, that is a failure.</summary>
    public static void SkipIfMissing() => Skip.If(
        Program is null && Environment.GetEnvironmentVariable("CI") is null, "chromium is not installed: eng/setup.sh browser");

    /// <summary>The addresses that the page has asked for, its own file's not among them.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<Chromium> Start()
    {
        var browser = new Chromium();
        try
        {
            await browser.Connect();
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file, and returns how long it took until it was drawn.</summary>
    public async Task<TimeSpan> Open(string path)
    {
        long start = Stopwatch.GetTimestamp();
        await Send("Page.navigate", new() { ["url"] = $"file://{path}" });
        await Until("document.readyState === 'complete' && document.querySelector('[role=gridcell]') !== null");
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>A JavaScript expression's value as text.</summary>
    public async Task<string> Evaluate(string expression)
    {
        JsonElement answer = await Send("Runtime.evaluate", new() { ["expression"] = $"String({expression})", ["returnByValue"] = true });
        Assert.False(answer.TryGetProperty("exceptionDetails", out JsonElement failure), $"{expression}: {failure}");
        return answer.GetProperty("result").GetProperty("value").GetString()!;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task Until(string expression)
    {
        long start = Stopwatch.GetTimestamp();
        while (await Evaluate(expression) != "true")
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < s_patience, $"not so: {expression}");
            await Task.Delay(20);
        }
    }

    /// <summary>Moves the mouse to an element, presses its left button and lets go.</summary>
    public async Task Click(string selector)
    {
        string[] place = (await Evaluate(
            $"(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector({JsonSerializer.Serialize(selector)}).getBoundingClientRect())"))
            .Split(',');
        (double x, double y) = (double.Parse(place[0], CultureInfo.InvariantCulture), double.Parse(place[1], CultureInfo.InvariantCulture));
        foreach (string type in new[] { "mouseMoved", "mousePressed", "mouseReleased" })
        {
            await Send("Input.dispatchMouseEvent", new()
            {
                ["type"] = type,
                ["x"] = x,
                ["y"] = y,
                ["button"] = type == "mouseMoved" ? "none" : "left",
                ["clickCount"] = 1,
            });
        }
    }

    /// <summary>Presses a key and lets go.</summary>
    public async Task Press(string key, int code, string? text = null)
    {
        foreach (string type in new[] { text is null ? "rawKeyDown" : "keyDown", "keyUp" })
        {
            var arguments = new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code };
            if (text is not null && type == "keyDown")
            {
                arguments["text"] = text;
            }

            await Send("Input.dispatchKeyEvent", arguments);
        }
    }

    /// <summary>Types into what has the focus.</summary>
    public Task Type(string text) => Send("Input.insertText", new() { ["text"] = text });

    /// <summary>What the user has chosen: <c>light</c> or <c>dark</c>.</summary>
    public Task Prefer(string scheme) => Send("Emulation.setEmulatedMedia", new()
    {
        ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }),
    });

    public void Dispose()
    {
        _socket.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser's still writes there.
        }
    }

    private async Task Connect()
    {
        // Chromium writes the port that it has chosen, and the browser's own address behind it.
        string file = Path.Combine(_profile.FullName, "DevToolsActivePort");
        long start = Stopwatch.GetTimestamp();
        while (!File.Exists(file) || File.ReadAllLines(file).Length < 2)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < s_patience && !_process.HasExited, "chromium did not start");
            await Task.Delay(20);
        }

        using var http = new HttpClient();
        string pages = await http.GetStringAsync(new Uri($"http://127.0.0.1:{File.ReadAllLines(file)[0]}/json/list"));
        string address = JsonDocument.Parse(pages).RootElement.EnumerateArray()
            .Single(page => page.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!;
        using var patience = new CancellationTokenSource(s_patience);
        await _socket.ConnectAsync(new Uri(address), patience.Token);
        await Send("Page.enable", []);
        await Send("Network.enable", []);
    }

    private async Task<JsonElement> Send(string method, JsonObject arguments)
    {
        int id = ++_id;
        using var patience = new CancellationTokenSource(s_patience);
        string request = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = arguments }.ToJsonString();
        await _socket.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        while (true)
        {
            JsonElement message = await Receive(patience.Token);
            if (message.TryGetProperty("method", out JsonElement name) && name.GetString() == "Network.requestWillBeSent")
            {
                string url = message.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!;
                if (!url.StartsWith("file://", StringComparison.Ordinal))
                {
                    Requests.Add(url);
                }
            }
            else if (message.TryGetProperty("id", out JsonElement answered) && answered.GetInt32() == id)
            {
                Assert.False(message.TryGetProperty("error", out JsonElement error), $"{method}: {error}");
                return message.GetProperty("result");
            }
        }
    }

    private async Task<JsonElement> Receive(CancellationToken patience)
    {
        var text = new MemoryStream();
        byte[] buffer = new byte[65536];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, patience);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonDocument.Parse(text.ToArray()).RootElement;
    }
}
