using DcosIsolation.Daemon.Output;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Commands;

/// <summary><c>matrix POLICY</c>.</summary>
internal static class MatrixCommand
{
    public static int Run(CommandContext context, string path, string? page)
    {
        PolicyFile file = PolicyFile.Read(context, path);
        var report = new MatrixReport(new PolicyMatrix(new PolicyModel(file.Policy)), file.Digest);
        if (page is not null)
        {
            Write(page, report);
        }

        context.WriteResult(json => report.WriteJson(json.Writer), report.WriteText);
        return ExitCode.Done;
    }

    /// <summary>Readers of the file see the page before or after, and never half of it.</summary>
    private static void Write(string path, MatrixReport report)
    {
        string fresh = $"{path}.{Environment.ProcessId}.new";
        try
        {
            try
            {
                using (FileStream stream = new(fresh, FileMode.CreateNew, FileAccess.Write))
                {
                    MatrixPage.Write(stream, report);
                }

                File.Move(fresh, path, overwrite: true);
            }
            catch
            {
                File.Delete(fresh);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot write the page '{path}': {e.Message}; choose a directory that can be written to", e);
        }
    }
}
